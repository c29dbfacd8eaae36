// One person on a card: value, age, alert bar, curve and strip. Rebuilt in parts: what ticks is only text.

import { act } from "./data.js";
import { drawCurve, drawStrip } from "./curve.js";
import { arrow, el, svg } from "./dom.js";
import {
  ARROWS, HOUR, MINUTE, alertOf, change, freshness, isAnswered, nearest, serverNow, value, windowEnd, zone, zoneOffset,
} from "./glucose.js";
import { ago } from "./strings.js";

const BACK_AFTER = 2 * MINUTE;
const DAY = 24 * HOUR;
const SNOOZES = [15, 30, 60];

export class PersonView {
  constructor(card, hours) {
    this.card = card;
    this.hours = hours;
    this.end = null;
    this.cursor = null;
    this.person = null;
    this.bar = el("div", { role: "alert" });
    this.main = el("div", { class: "main" });
    this.read = el("div", { class: "read", "aria-live": "off" });
    this.name = el("div", { class: "name" });
    this.error = el("div", { class: "note", role: "status" });
    this.ranges = el("div", { class: "ranges", role: "group" });
    this.curve = svg("svg", { class: "curve", tabindex: 0, role: "slider" });
    this.strip = svg("svg", { class: "strip", tabindex: 0, role: "slider" });
    this.root = el("section", { class: "person" }, this.bar, this.name, this.main, this.error);
    if (card.view === "glucose") {
      this.root.append(el("div", { class: "row" }, this.ranges, this.read), this.curve, this.strip);
      this.listen();
    }
    if (card.view === "tile") this.root.classList.add("tile");
    this.shown = "";
  }

  get now() {
    return this.person ? serverNow(this.person.heard, Date.now(), performance.now()) : Date.now();
  }

  take(person) {
    this.person = person;
    this.draw();
  }

  draw() {
    this.tick(true);
    this.drawCurves();
  }

  // What time alone changes; the curve moves on once a minute.
  tick(force = false) {
    const { person, now } = this;
    const state = freshness(person, now);
    const alert = alertOf(person);
    const shown = JSON.stringify([state.mode, state.cause, state.age && Math.floor(state.age / MINUTE), alert && isAnswered(alert, now)]);
    if (!force && shown === this.shown) return;
    const moved = !force && this.shown;
    this.shown = shown;
    this.name.textContent = this.card.names ? person?.name || "" : "";
    this.name.hidden = !this.name.textContent;
    this.drawMain(state);
    this.drawBar(alert);
    if (moved) this.drawCurves();
  }

  drawMain(state) {
    const { card, person } = this;
    const { language, words } = card;
    const isShown = state.mode !== "stale";
    const reading = person?.reading;
    const kind = isShown ? zone(reading.value, person.limits) : "stale";
    const turn = isShown && ARROWS[reading.trend];
    const big = el("div", { class: `big ${isShown ? `zone-${kind}` : "stale"} ${state.mode}` },
      el("span", { class: "value" }, isShown ? value(reading.value, person.unit, language) : "– –"), turn ? arrow(turn) : null);
    big.setAttribute("role", "img");
    big.setAttribute("aria-label", isShown
      ? `${value(reading.value, person.unit, language)} ${person.unit}, ${words(kind)}, ${reading.trend ? words(reading.trend) : ""}`
      : `${words("no_value")}: ${words(state.cause)}`);
    const facts = isShown
      ? [
          el("div", { class: "change" }, [change(reading.change, person.unit, language), person.unit].filter(Boolean).join(" ")),
          el("div", { class: "word" }, [words(kind), reading.trend && card.view !== "tile" ? words(reading.trend) : ""].filter(Boolean).join(" · ")),
          el("div", { class: "age" }, ago(language, state.age)),
        ]
      : [
          el("div", { class: "word cause" }, words(state.cause)),
          el("div", { class: "age" }, state.age === null ? "" : `${words("last_at", { time: card.clock(reading.time) })} · ${ago(language, state.age)}`),
        ];
    const forecast = isShown && card.view === "glucose" && person.forecast;
    if (forecast) {
      const chance = forecast.urgent_low_chance >= 10 ? ` · ${words("chance", { n: forecast.urgent_low_chance })}` : "";
      facts.push(el("div", { class: "note" }, words("in_minutes", { n: forecast.minutes, value: value(forecast.value, person.unit, language) }) + chance));
    }
    if (person?.is_muted) facts.push(el("div", { class: "note" }, words("muted")));
    this.main.replaceChildren(big, el("div", { class: "facts" }, ...facts));
  }

  drawBar(alert) {
    const { card, person, now } = this;
    const { words, clock } = card;
    this.bar.hidden = !alert || card.view === "tile";
    if (this.bar.hidden) return this.bar.replaceChildren();
    const isQuiet = alert.snoozed_until > now;
    const answered = isAnswered(alert, now);
    const told = ["snoozed_until", "treated_until", "acknowledged_at"].find((key) => (key === "snoozed_until" ? isQuiet : alert[key]));
    const who = alert.answered_by;
    const say = told ? words(told + (who ? "_by" : ""), { time: clock(alert[told]), who }) : words("unanswered");
    this.bar.className = `bar of-${alert.kind}${answered ? " answered" : ""}`;
    const since = alert.since ? words("since", { time: clock(alert.since) }) : "";
    const buttons = [];
    const button = (label, name, onclick, kind = "") => buttons.push(el("button", { class: kind, "aria-label": name, onclick }, label));
    const answer = (name, kind) => button(words(name), words(name), () => this.act(name), kind);
    if (person.may_acknowledge && !answered) answer("acknowledge", "first");
    if (person.may_acknowledge && card.hass.services.dexcom_share?.treated) answer("treated");
    if (person.may_snooze && !isQuiet) {
      for (const n of SNOOZES) button(words(n === SNOOZES[0] ? "snooze" : "minutes", { n }), words("snooze", { n }), () => this.act("snooze", { duration: { minutes: n } }));
    }
    this.bar.replaceChildren(
      el("div", { class: "what" }, words(alert.kind)),
      el("div", { class: "told" }, [since, say].filter(Boolean).join(" · ")),
      el("div", { class: "buttons" }, ...buttons),
    );
  }

  async act(action, data) {
    this.error.textContent = "";
    try {
      await act(this.card.hass, this.person, action, data);
    } catch (error) {
      this.error.textContent = this.card.words("failed", { reason: error.message || String(error) });
    }
  }

  drawCurves() {
    const { card, person } = this;
    if (card.view !== "glucose" || !person?.limits) return;
    const { now } = this;
    const width = card.width;
    const size = this.hours * HOUR;
    const end = this.end ?? now + Math.min(25 * MINUTE, size / 8);
    const start = this.end === null ? end - size : this.end - size;
    const fresh = freshness(person, now).mode !== "stale";
    const view = {
      width, height: 220, start, end, now, language: card.language, clock: card.clock, words: card.words, offset: zoneOffset(now, card.timeZone),
    };
    this.drawn = drawCurve(this.curve, fresh ? person : { ...person, forecast: null }, view);
    this.curve.setAttribute("aria-label", card.words("curve", { n: this.hours }));
    this.strip.toggleAttribute("hidden", this.hours >= 24);
    this.strip.style.display = this.hours >= 24 ? "none" : "";
    this.stripScale = drawStrip(this.strip, person, { width, height: 44, start, end: Math.min(end, now), now });
    this.strip.setAttribute("aria-label", card.words("strip"));
    this.describe(this.strip, now - DAY, now, this.end ?? now, this.end === null ? card.words("now") : `${card.clock(start)} – ${card.clock(end)}`);
    this.drawRanges();
    this.drawCursor();
  }

  describe(element, from, to, at, words) {
    element.setAttribute("aria-valuemin", Math.round(from / MINUTE));
    element.setAttribute("aria-valuemax", Math.round(to / MINUTE));
    element.setAttribute("aria-valuenow", Math.round(at / MINUTE));
    element.setAttribute("aria-valuetext", words);
  }

  drawRanges() {
    const { words } = this.card;
    if (this.ranges.children.length) {
      for (const button of this.ranges.children) button.setAttribute("aria-pressed", Number(button.dataset.hours) === this.hours);
      return;
    }
    for (const hours of [3, 6, 12, 24]) {
      const button = el("button", { "aria-label": words("hours_shown", { n: hours }), "aria-pressed": hours === this.hours, onclick: () => {
        this.hours = hours;
        this.end = null;
        this.drawCurves();
      } }, `${hours} h`);
      button.dataset.hours = hours;
      this.ranges.append(button);
    }
  }

  drawCursor() {
    const { card, person, drawn } = this;
    this.curve.querySelector(".cursor")?.remove();
    const place = this.cursor === null ? -1 : nearest(drawn.readings, this.cursor);
    const newest = drawn.readings[drawn.readings.length - 1];
    const [time, mgdl] = drawn.readings[place] || newest || [this.now, null];
    const told = mgdl === null ? card.words("no_readings") : `${card.clock(time)} · ${value(mgdl, person.unit, card.language)} ${person.unit} · ${card.words(zone(mgdl, person.limits))}`;
    this.describe(this.curve, drawn.readings[0]?.[0] ?? time, newest?.[0] ?? time, time, told);
    this.read.textContent = place < 0 ? "" : told;
    if (place < 0) return;
    this.curve.append(svg("line", { class: "cursor", x1: drawn.x(time), x2: drawn.x(time), y1: 12, y2: drawn.bottom }));
  }

  listen() {
    const at = (event, element) => ((event.clientX - element.getBoundingClientRect().left) / element.getBoundingClientRect().width) * this.card.width;
    const point = (event) => {
      if (!this.drawn) return;
      this.cursor = this.drawn.x.invert(at(event, this.curve));
      this.drawCursor();
    };
    this.curve.addEventListener("pointermove", point);
    this.curve.addEventListener("pointerdown", point);
    const clear = () => {
      this.cursor = null;
      if (this.drawn) this.drawCursor();
    };
    this.curve.addEventListener("pointerleave", clear);
    this.curve.addEventListener("blur", clear);
    this.curve.addEventListener("keydown", (event) => {
      const readings = this.drawn?.readings || [];
      if (!readings.length) return;
      const here = this.cursor === null ? readings.length : nearest(readings, this.cursor);
      const to = { ArrowLeft: here - 1, ArrowDown: here - 1, ArrowRight: here + 1, ArrowUp: here + 1, Home: 0, End: readings.length - 1, PageUp: here - 12, PageDown: here + 12 }[event.key];
      if (event.key === "Escape") return clear();
      if (to === undefined) return;
      event.preventDefault();
      this.cursor = readings[Math.min(Math.max(to, 0), readings.length - 1)][0];
      this.drawCursor();
    });
    const drag = (event) => this.move(this.stripScale.invert(at(event, this.strip)) + (this.hours * HOUR) / 2);
    this.strip.addEventListener("pointerdown", (event) => {
      this.strip.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.strip.addEventListener("pointermove", (event) => this.strip.hasPointerCapture(event.pointerId) && drag(event));
    this.strip.addEventListener("keydown", (event) => {
      const end = this.end ?? this.now;
      const to = { ArrowLeft: end - 15 * MINUTE, ArrowRight: end + 15 * MINUTE, PageUp: end - HOUR, PageDown: end + HOUR, Home: 0, End: Infinity }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.move(to);
    });
  }

  // Let the curve show what ends there; it goes back to now by itself.
  move(end) {
    this.end = windowEnd(end, this.hours, DAY, this.now);
    clearTimeout(this.back);
    this.back = setTimeout(() => this.move(Infinity), BACK_AFTER);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawCurves());
  }

  stop() {
    clearTimeout(this.back);
    cancelAnimationFrame(this.frame);
  }
}

// The night clock: black, value and arrow; flashes at an urgent low, and a tap acknowledges.
export class NightView extends PersonView {
  constructor(card) {
    super(card, 3);
    const answer = () => alertOf(this.person) && this.person.may_acknowledge && this.act("acknowledge");
    this.root = el("section", { class: "night", tabindex: 0, role: "button", onclick: answer, onkeydown: (event) => (event.key === "Enter" || event.key === " ") && answer() }, this.main, this.error);
  }

  drawBar(alert) {
    const urgent = alert && !isAnswered(alert, this.now) && alert.kind.startsWith("urgent_low");
    this.root.classList.toggle("flash", Boolean(urgent));
    if (alert) this.main.append(el("div", { class: "age" }, `${this.card.words(alert.kind)}${isAnswered(alert, this.now) ? " ✓" : ` · ${this.card.words("tap")}`}`));
  }
}
