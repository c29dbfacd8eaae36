// A dashboard for one or several people, made of what there is.

import { persons } from "./data.js";
import { text } from "./strings.js";

const CARD = "custom:dexcom-share-card";

export function dashboard(found, hass, config = {}) {
  const words = (key, values) => text(hass.locale?.language || hass.language, key, values);
  const wanted = [].concat(config.persons || []);
  const people = wanted.length ? found.filter((person) => wanted.includes(person.entry_id)) : found;
  if (!people.length) {
    return { title: words("title"), views: [{ title: words("title"), cards: [{ type: "markdown", content: words("nobody") }] }] };
  }
  const tiles = (person, keys) => keys.map((key) => person.entities[key]).filter((entity) => entity && hass.states[entity])
    .map((entity) => ({ type: "tile", entity, name: { type: "entity" }, grid_options: { columns: 6 } }));
  const section = (person, cards) => ({
    type: "grid", column_span: people.length > 1 ? 1 : 2, cards: [...(people.length > 1 ? [{ type: "heading", heading: person.name }] : []), ...cards],
  });
  const card = (person, options) => ({ type: CARD, persons: [person.entry_id], show_name: false, grid_options: { columns: "full" }, ...options });
  const view = (key, icon, cards) => {
    const sections = people.map((person) => [person, cards(person)]).filter(([, found]) => found.length).map(([person, found]) => section(person, found));
    return sections.length ? [{ title: words(key), path: key.replace("view_", ""), icon, type: "sections", max_columns: Math.max(people.length, 2), sections }] : [];
  };
  const hasLog = hass.config.components.includes("logbook");
  const alerts = (person) => [
    ...tiles(person, ["alert", "data_status", "alerts", "snooze_alerts", "acknowledge_alerts", "low_alert", "high_alert", "urgent_low_alert"]),
    ...(hasLog && person.entities.glucose_alert ? [{ type: "logbook", title: words("alerts_log"), target: { entity_id: [person.entities.glucose_alert] }, hours_to_show: 72, grid_options: { columns: "full" } }] : []),
  ];
  return {
    title: words("title"),
    views: [
      ...view("view_now", "mdi:water", (person) => [card(person, {})]),
      ...view("view_today", "mdi:calendar-today", (person) => [card(person, { hours: 24 }), card(person, { view: "statistics", days: 1 })]),
      ...view("view_profile", "mdi:chart-bell-curve", (person) => [card(person, { view: "statistics", days: 14 })]),
      ...view("view_alerts", "mdi:bell-outline", alerts),
      ...(hass.user?.is_admin ? view("view_followers", "mdi:account-group-outline", (person) => [...tiles(person, ["followers", "sharing"]), card(person, { view: "followers" })]) : []),
    ],
  };
}

export class DexcomShareStrategy extends HTMLElement {
  static async generate(config, hass) {
    return dashboard(await persons(hass).catch(() => []), hass, config);
  }
}
