// The curve and the strip beneath it, as SVG: one path per zone, so that a drag redraws half a dozen elements.

import { svg } from "./dom.js";
import { HOUR, MINUTE, between, amount, range, scale, timeTicks, valueTicks, zone } from "./glucose.js";

const ZONES = ["urgent_low", "low", "in_range", "high", "urgent_high"];

// A dot within the range, a triangle that points down below it and up above it.
function shape(kind, x, y, size) {
  if (kind === "in_range") return `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0`;
  const up = kind.endsWith("high") ? -1 : 1;
  const big = size * (kind.startsWith("urgent") ? 1.7 : 1.35);
  return `M${x - big} ${y - up * big * 0.7}h${2 * big}L${x} ${y + up * big}z`;
}

export function dots(readings, limits, x, y, size) {
  const paths = Object.fromEntries(ZONES.map((each) => [each, ""]));
  for (const [time, mgdl] of readings) {
    const kind = zone(mgdl, limits);
    paths[kind] += shape(kind, round(x(time)), round(y(mgdl)), size);
  }
  return ZONES.filter((each) => paths[each]).map((each) => svg("path", { d: paths[each], class: `fill-${each}` }));
}

const round = (number) => Math.round(number * 10) / 10;
const MARKS = { raised: "▲", recovered: "○", ended: "○", snoozed: "z", acknowledged: "✓" };

// Draw the window of a person into an SVG of a size in pixels; returns its scales.
export function drawCurve(root, person, view) {
  const { width, height, start, end, now, language, clock, offset, words } = view;
  const { limits, unit } = person;
  const left = 36;
  const right = width - 8;
  const bottom = height - 20;
  const readings = between(person.readings, start, end).filter(([time]) => time >= start && time <= end);
  const { reading, forecast } = person;
  const covered = range(forecast && end > now ? [...readings, [now, forecast.value]] : readings, limits);
  const x = scale(start, end, left, right);
  const y = scale(covered[0], covered[1], bottom, 12);
  const parts = [
    svg("rect", { class: "band", x: left, width: right - left, y: y(limits.high), height: y(limits.low) - y(limits.high) }),
  ];
  for (const tick of valueTicks(covered, unit)) {
    if ([limits.low, limits.high].some((limit) => Math.abs(y(limit) - y(tick)) < 14)) continue;
    parts.push(svg("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }), label(left - 6, y(tick) + 4, amount(tick, unit, language), "end"));
  }
  for (const kind of ["low", "high"]) {
    const at = y(limits[kind]);
    parts.push(svg("line", { class: `limit stroke-${kind}`, x1: left, x2: right, y1: at, y2: at }), label(left - 6, at + 4, amount(limits[kind], unit, language), "end", "strong"));
  }
  for (const tick of timeTicks(start, end, Math.max(width / 75, 2), offset)) {
    parts.push(svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 12, y2: bottom }));
    if (x(tick) > left + 14 && x(tick) < right - 16) parts.push(label(x(tick), height - 4, clock(tick), "middle"));
  }
  if (end > now) parts.push(svg("line", { class: "now", x1: x(now), x2: x(now), y1: 12, y2: bottom }));
  let beside = right + 99;
  for (const [time, type, kind] of [...(person.marks || [])].reverse()) {
    if (time < start || time > end || !MARKS[type]) continue;
    // What was told at the same moment stands side by side.
    beside = Math.min(x(time), beside - 11);
    const title = svg("title", {}, `${clock(time)} ${words(kind)}: ${words(type)}`);
    parts.push(svg("g", { class: "mark" }, svg("line", { x1: x(time), x2: x(time), y1: 14, y2: bottom }), label(beside, 11, MARKS[type], "middle"), title));
  }
  parts.push(...dots(readings, limits, x, y, end - start > 13 * HOUR ? 2.1 : 3.2));
  if (forecast && reading && reading.time >= start && end > now) {
    const to = reading.time + forecast.minutes * MINUTE;
    parts.push(
      svg("line", { class: "forecast", x1: x(reading.time), y1: y(reading.value), x2: x(to), y2: y(forecast.value) }),
      svg("circle", { class: "forecast", cx: x(to), cy: y(forecast.value), r: 4 }),
    );
  }
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.replaceChildren(...parts);
  return { x, y, readings, bottom };
}

function label(x, y, content, anchor, kind = "") {
  return svg("text", { x, y, "text-anchor": anchor, class: kind }, content);
}

// The last 24 hours in small, with the window that the curve shows.
export function drawStrip(root, person, view) {
  const { width, height, start, end, now } = view;
  const x = scale(now - 24 * HOUR, now, 4, width - 4);
  const y = scale(40, 320, height - 3, 3);
  const limits = person.limits;
  const from = Math.max(x(start), 1);
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.replaceChildren(
    svg("rect", { class: "band", x: 0, width, y: y(limits.high), height: y(limits.low) - y(limits.high) }),
    ...dots(between(person.readings, now - 24 * HOUR, now), limits, x, (mgdl) => y(Math.min(Math.max(mgdl, 40), 320)), 1.3),
    svg("rect", { class: "window", x: from, width: Math.max(Math.min(x(end), width - 1) - from, 4), y: 1, height: height - 2, rx: 4 }),
  );
  return x;
}
