// The statistics of a person: figures, a stacked bar, the glucose profile, and the days as thumbnails.

import { history, statistics } from "./data.js";
import { dots } from "./curve.js";
import { el, svg } from "./dom.js";
import { HOUR, between, scale, shares, zoneOffset } from "./glucose.js";

export async function loadStatistics(hass, person, days) {
  const [report, span] = await Promise.all([
    statistics(hass, person.entry_id, days),
    history(hass, person.entry_id, Math.min(days, 14) * 24),
  ]);
  return { report, readings: span.readings };
}

export function drawStatistics({ report, readings }, view) {
  const { words, language, timeZone, days } = view;
  const figures = report.figures;
  const title = el("h3", {}, days === 1 ? words("day") : words("statistics", { n: days }));
  if (figures.mean === null) return [title, el("div", { class: "note" }, words("no_readings"))];
  const number = (value, unit, digits) =>
    value === null
      ? "–"
      : `${value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
  const shown = [
    ["time_in_range", number(figures.in_range_percent, " %", 0)],
    ["mean", number(figures.mean, "", report.unit === "mg/dL" ? 0 : 1), ` ${report.unit}`],
    ["gmi", number(figures.gmi_percent, " %", 1)],
    ["cv", number(figures.cv_percent, " %", 0)],
    ["gri", number(figures.gri, "", 0)],
  ];
  const stack = shares(figures);
  const name = (key) => words(key);
  return [
    title,
    report.sufficiency.sufficient
      ? null
      : el("div", { class: "note" }, words("too_little", { n: Math.round(report.sufficiency.percent) })),
    el("div", { class: "figures" }, ...shown.map(([key, text, unit]) => el("div", { class: "figure" }, el("b", {}, text, unit ? el("small", {}, unit) : null), el("span", {}, words(key))))),
    el("div", { class: "stack", role: "img", "aria-label": stack.map(([key, percent]) => `${name(key)} ${Math.round(percent)} %`).join(", ") },
      ...stack.filter(([, percent]) => percent > 0).map(([key, percent]) => el("div", { class: `bg-${key}`, style: `flex:${percent}` }))),
    el("div", { class: "legend" }, ...stack.map(([key, percent]) => el("span", {}, el("i", { class: `bg-${key}` }), `${name(key)} ${number(percent, " %", percent > 0 && percent < 1 ? 1 : 0)}`))),
    ...(days > 1 ? [el("h3", {}, words("profile")), profile(report, view), el("div", { class: "note" }, words("profile_note"))] : []),
    ...(days > 1 ? [el("h3", {}, words("daily")), thumbnails(report, readings, { language, timeZone, number })] : []),
  ].filter(Boolean);
}

function profile(report, { words, width }) {
  const points = report.profile.filter((point) => point.p50 !== null);
  const top = Math.max(report.range_high * 1.4, ...points.map((point) => point.p95));
  const x = scale(0, 1440, 34, width - 8);
  const y = scale(0, top, 178, 8);
  const minute = (point) => Number(point.time.slice(0, 2)) * 60 + Number(point.time.slice(3));
  const line = (key) => points.map((point) => `${x(minute(point)).toFixed(1)} ${y(point[key]).toFixed(1)}`);
  const area = (low, high) => `M${line(high).join("L")}L${line(low).reverse().join("L")}z`;
  return svg("svg", { viewBox: `0 0 ${width} 200`, class: "profile", role: "img", "aria-label": words("profile") },
    svg("rect", { class: "band", x: 34, width: width - 42, y: y(report.range_high), height: y(report.range_low) - y(report.range_high) }),
    ...[report.range_low, report.range_high].flatMap((limit) => [
      svg("line", { class: "limit stroke-high", x1: 34, x2: width - 8, y1: y(limit), y2: y(limit) }),
      svg("text", { x: 30, y: y(limit) + 4, "text-anchor": "end" }, String(limit)),
    ]),
    ...[0, 6, 12, 18].map((hour) => svg("text", { x: x(hour * 60) + 2, y: 196 }, `${hour}:00`)),
    ...(points.length ? [
      svg("path", { class: "wide", d: area("p5", "p95") }),
      svg("path", { class: "half", d: area("p25", "p75") }),
      svg("path", { class: "median", d: `M${line("p50").join("L")}` }),
    ] : []));
}

function thumbnails(report, readings, { language, timeZone, number }) {
  const factor = report.unit === "mg/dL" ? 1 : 18.016;
  const low = report.range_low * factor;
  const high = report.range_high * factor;
  const limits = { urgent_low: 53, low: low - 0.5, high: high + 0.5, urgent_high: 251 };
  return el("div", { class: "days" }, ...report.days.slice(-14).reverse().map((day) => {
    const noon = Date.parse(`${day.day}T12:00:00Z`);
    const start = noon - 12 * HOUR - zoneOffset(noon, timeZone);
    const x = scale(start, start + 24 * HOUR, 2, 98);
    const y = scale(40, 320, 42, 2);
    return el("div", { class: "day" },
      svg("svg", { viewBox: "0 0 100 44", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { class: "band", x: 0, width: 100, y: y(high), height: y(low) - y(high) }),
        ...dots(between(readings, start, start + 24 * HOUR).filter(([time]) => time >= start && time < start + 24 * HOUR), limits, x, (mgdl) => y(Math.min(Math.max(mgdl, 40), 320)), 0.9)),
      `${new Date(noon).toLocaleDateString(language, { weekday: "short", day: "numeric", timeZone: "UTC" })} · ${number(day.figures.in_range_percent, " %", 0)}`);
  }));
}
