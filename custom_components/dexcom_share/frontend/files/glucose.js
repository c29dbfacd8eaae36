// What a card shows, worked out without a browser: zones, ages, numbers, scales. Times are milliseconds since 1970,
// concentrations mg/dL.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const MMOL = "mmol/L";
const MGDL_PER_MMOL = 18.016;
export const LOWEST = 39;
export const HIGHEST = 401;

// Where a value is: the limits in force belong to the zones, as the alerts take them.
export function zone(mgdl, limits) {
  if (mgdl <= LOWEST || mgdl <= limits.urgent_low) return "urgent_low";
  if (mgdl <= limits.low) return "low";
  if (mgdl >= HIGHEST || (limits.urgent_high && mgdl >= limits.urgent_high)) return "urgent_high";
  return mgdl >= limits.high ? "high" : "in_range";
}

// A number as a person reads it, without its unit; LOW and HIGH beyond the limits of the sensor.
export function value(mgdl, unit, language) {
  if (mgdl <= LOWEST) return "LOW";
  if (mgdl >= HIGHEST) return "HIGH";
  return amount(mgdl, unit, language);
}

export function amount(mgdl, unit, language, options = {}) {
  const digits = unit === MMOL ? 1 : 0;
  const number = unit === MMOL ? mgdl / MGDL_PER_MMOL : mgdl;
  return number.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...options });
}

// A change with its sign; a real minus, which is as wide as a plus.
export function change(mgdl, unit, language) {
  if (mgdl === null || mgdl === undefined) return "";
  const text = amount(Math.abs(mgdl), unit, language);
  if (!/[1-9]/.test(text)) return `±${text}`;
  return `${mgdl < 0 ? "−" : "+"}${text}`;
}

// Degrees by which an arrow that points to the right is turned, and how many arrows there are; null for none.
export const ARROWS = {
  rising_quickly: { degrees: -90, count: 2 },
  rising: { degrees: -90, count: 1 },
  rising_slightly: { degrees: -45, count: 1 },
  steady: { degrees: 0, count: 1 },
  falling_slightly: { degrees: 45, count: 1 },
  falling: { degrees: 90, count: 1 },
  falling_quickly: { degrees: 90, count: 2 },
};

// The time by the server's clock. Of the two clocks of a browser one may be set and one may sleep: the later one counts,
// which makes a reading older and never younger.
export function serverNow(heard, wall, steady) {
  return heard.now + Math.max(wall - heard.wall, steady - heard.steady, 0);
}

// What of a person can be shown at a moment: "current", "faded" after a missed reading, "stale" without a number.
export function freshness(person, now) {
  if (!person || !person.loaded) return { mode: "stale", cause: person ? "not_loaded" : "loading", age: null };
  const reading = person.reading;
  if (!reading) return { mode: "stale", cause: cause(person), age: null };
  const age = Math.max(now - reading.time, 0);
  if (person.is_stale || !person.is_current || reading.value === null || now >= reading.stale_at) {
    return { mode: "stale", cause: cause(person), age };
  }
  return { mode: now >= reading.fades_at ? "faded" : "current", cause: null, age };
}

// While the line to Home Assistant is lost, nobody has told a cause.
function cause(person) {
  return person.status && person.status !== "ok" ? person.status : "no_reading";
}

// The alert a bar tells of: the gravest that is raised, whether somebody is on it or not.
export function alertOf(person) {
  return (person && person.loaded && (person.alerts || []).find((alert) => alert.is_raised)) || null;
}

export function isAnswered(alert, now) {
  return Boolean(alert.acknowledged_at || alert.snoozed_until > now || alert.treated_until > now);
}

// The part of sorted readings between two times, with one beyond each end.
export function between(readings, start, end) {
  return readings.slice(Math.max(place(readings, start) - 1, 0), place(readings, end) + 1);
}

export function place(readings, time) {
  let low = 0;
  let high = readings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (readings[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function nearest(readings, time) {
  const after = place(readings, time);
  if (!readings.length) return -1;
  if (after === 0) return 0;
  if (after === readings.length) return after - 1;
  return time - readings[after - 1][0] <= readings[after][0] - time ? after - 1 : after;
}

// A linear scale.
export function scale(from, to, first, last) {
  const factor = (last - first) / (to - from || 1);
  const at = (number) => first + (number - from) * factor;
  at.invert = (pixel) => from + (pixel - first) / factor;
  return at;
}

// The values that an axis covers: always the limits with room around, so that a flat day looks flat.
export function range(readings, limits) {
  let top = Math.max(limits.high + 30, 220);
  let bottom = Math.min(limits.low - 20, 50);
  for (const [, mgdl] of readings) {
    if (mgdl + 15 > top) top = mgdl + 15;
    if (mgdl - 10 < bottom) bottom = mgdl - 10;
  }
  return [Math.max(bottom, 30), Math.min(top, 420)];
}

// Round values in a person's unit for the axis, in mg/dL.
export function valueTicks([bottom, top], unit) {
  const size = unit === MMOL ? MGDL_PER_MMOL : 1;
  const step = (unit === MMOL ? (top - bottom > 300 ? 5 : 3) : top - bottom > 300 ? 100 : 50) * size;
  const ticks = [];
  for (let at = Math.ceil(bottom / step) * step; at <= top; at += step) ticks.push(at);
  return ticks;
}

// Whole hours on the clock of a zone that is `offset` ahead of UTC, about as many as there is room for.
export function timeTicks(start, end, most, offset) {
  const steps = [0.5, 1, 2, 3, 4, 6, 12, 24].map((hours) => hours * HOUR);
  const step = steps.find((each) => (end - start) / each <= most) || 24 * HOUR;
  const ticks = [];
  for (let at = Math.ceil((start + offset) / step) * step - offset; at <= end; at += step) ticks.push(at);
  return ticks;
}

// How far a zone's clocks are ahead of UTC at a moment.
export function zoneOffset(time, timeZone) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(time);
  const part = (type) => Number(parts.find((each) => each.type === type).value);
  const shown = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return shown - Math.floor(time / MINUTE) * MINUTE;
}

// The end of the window that a drag or a key leads to: a time, or null for now, to which it sticks.
export function windowEnd(end, hours, day, now) {
  if (end >= now - 2 * MINUTE) return null;
  return Math.max(end, now - day + hours * HOUR);
}

// Percentages for a stacked bar, the lowest first.
export function shares(figures) {
  return ["very_low", "low", "in_range", "high", "very_high"].map((key) => [key, figures[`${key}_percent`] || 0]);
}
