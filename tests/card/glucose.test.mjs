// The card's pure parts; run by `node --test tests/card`.

import assert from "node:assert/strict";
import test from "node:test";
import * as glucose from "../../custom_components/dexcom_share/frontend/files/glucose.js";
import { LANGUAGES, ago, text } from "../../custom_components/dexcom_share/frontend/files/strings.js";

const { HOUR, MINUTE } = glucose;
const LIMITS = { urgent_low: 55, low: 70, high: 250, urgent_high: null };
const person = (changes = {}) => ({
  loaded: true, is_stale: false, is_current: true, status: "ok", alerts: [],
  reading: { time: 0, value: 100, fades_at: 7.5 * MINUTE, stale_at: 11 * MINUTE, ends_at: 15 * MINUTE },
  ...changes,
});

test("zones belong to their limits, and LOW and HIGH are beyond every limit", () => {
  const zones = [39, 55, 56, 70, 71, 249, 250, 400, 401].map((mgdl) => glucose.zone(mgdl, LIMITS));
  assert.deepEqual(zones, ["urgent_low", "urgent_low", "low", "low", "in_range", "in_range", "high", "high", "urgent_high"]);
  assert.equal(glucose.zone(300, { ...LIMITS, urgent_high: 300 }), "urgent_high");
});

test("values are shown in the person's unit and language, changes with a sign", () => {
  assert.equal(glucose.value(126, "mg/dL", "en"), "126");
  assert.equal(glucose.value(126, "mmol/L", "en"), "7.0");
  assert.equal(glucose.value(126, "mmol/L", "de"), "7,0");
  assert.equal(glucose.value(39, "mmol/L", "en"), "LOW");
  assert.equal(glucose.value(401, "mg/dL", "en"), "HIGH");
  assert.equal(glucose.change(-7, "mg/dL", "en"), "−7");
  assert.equal(glucose.change(9, "mmol/L", "en"), "+0.5");
  assert.equal(glucose.change(0, "mg/dL", "en"), "±0");
  assert.equal(glucose.change(null, "mg/dL", "en"), "");
});

test("a reading fades, and is no number once it is stale, whoever says so", () => {
  const mode = (now, changes) => glucose.freshness(person(changes), now).mode;
  assert.equal(mode(7 * MINUTE), "current");
  assert.equal(mode(8 * MINUTE), "faded");
  assert.equal(mode(11 * MINUTE), "stale");
  for (const changes of [{ is_stale: true }, { is_current: false }, { reading: null }, { loaded: false }]) {
    assert.equal(mode(MINUTE, changes), "stale");
  }
  assert.equal(glucose.freshness(person({ is_stale: true, status: "outage" }), MINUTE).cause, "outage");
  assert.equal(glucose.freshness(null, 0).cause, "loading");
});

test("of two clocks the later one counts", () => {
  const heard = { now: 1000, wall: 50, steady: 5 };
  assert.equal(glucose.serverNow(heard, 150, 6), 1100);
  assert.equal(glucose.serverNow(heard, 0, 205), 1200);
});

test("the bar tells of the gravest alert that is raised, not of one that is only kept quiet", () => {
  const alerts = [{ kind: "urgent_low", is_raised: false, snoozed_until: 9 }, { kind: "low", is_raised: true }];
  assert.equal(glucose.alertOf(person({ alerts })).kind, "low");
  assert.equal(glucose.alertOf(person()), null);
  assert.equal(glucose.isAnswered({ snoozed_until: 9 }, 8), true);
  assert.equal(glucose.isAnswered({ snoozed_until: 9 }, 10), false);
  assert.equal(glucose.isAnswered({ treated_until: 9, snoozed_until: null }, 8), true);
  assert.equal(glucose.isAnswered({ treated_until: 9, snoozed_until: null }, 10), false);
});

test("the nearest reading is found, and what lies between two times", () => {
  const readings = [0, 5, 10, 30, 35].map((minutes) => [minutes * MINUTE, 100]);
  assert.equal(glucose.nearest(readings, 19 * MINUTE), 2);
  assert.equal(glucose.nearest(readings, 21 * MINUTE), 3);
  assert.equal(glucose.nearest([], 0), -1);
  assert.deepEqual(glucose.between(readings, 6 * MINUTE, 20 * MINUTE).map(([time]) => time / MINUTE), [5, 10, 30]);
});

test("axes cover the limits and every reading, in round numbers of the unit", () => {
  const covered = glucose.range([[0, 44], [1, 310]], LIMITS);
  assert.deepEqual(covered, [34, 325]);
  assert.deepEqual(glucose.valueTicks(covered, "mg/dL"), [50, 100, 150, 200, 250, 300]);
  assert.equal(Math.round(glucose.valueTicks([40, 240], "mmol/L")[0] / 18.016), 3);
  assert.equal(glucose.scale(0, 10, 0, 100).invert(50), 5);
  assert.deepEqual(glucose.timeTicks(0, 6 * HOUR, 4, HOUR / 2), [1.5, 3.5, 5.5].map((hours) => hours * HOUR));
  assert.equal(glucose.zoneOffset(Date.UTC(2026, 6, 1), "Europe/Berlin"), 2 * HOUR);
});

test("the window sticks to now, and stays within a day", () => {
  assert.equal(glucose.windowEnd(100 * HOUR, 3, 24 * HOUR, 100 * HOUR), null);
  assert.equal(glucose.windowEnd(0, 3, 24 * HOUR, 100 * HOUR), 79 * HOUR);
});

test("every language has every text with its placeholders; unknown ones fall back", () => {
  const names = (words) => (words.match(/\{\w+\}/g) || []).sort().join();
  for (const words of Object.values(LANGUAGES)) {
    assert.deepEqual(Object.keys(words).sort(), Object.keys(LANGUAGES.en).sort());
    for (const [key, word] of Object.entries(words)) assert.equal(names(word), names(LANGUAGES.en[key]), key);
  }
  assert.equal(text("en", "treated_until_by", { time: "11:22", who: "Anna" }), "Treated by Anna, looked at again at 11:22");
  assert.equal(text("fr", "low"), "Low");
  assert.equal(text("de-AT", "low"), "Niedrig");
  assert.equal(ago("en", 4 * MINUTE), "4 min ago");
  assert.equal(ago("de", 30_000), "gerade eben");
});
