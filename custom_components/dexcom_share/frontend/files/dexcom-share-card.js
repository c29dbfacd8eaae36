// What dashboards load: the elements, and their places in the pickers.

import { DexcomShareCard } from "./card.js";
import { DexcomShareStrategy } from "./strategy.js";
import { text } from "./strings.js";

const ELEMENTS = { "dexcom-share-card": DexcomShareCard, "ll-strategy-dashboard-dexcom-share": DexcomShareStrategy };

// Home Assistant 2026.10 may replace the registry after this module has run; a class can't be defined twice.
function define() {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, class extends element {});
  }
}
define();
for (const delay of [0, 50, 250, 1000, 3000, 10_000]) setTimeout(define, delay);

const language = document.documentElement.lang || navigator.language;
window.customCards = window.customCards || [];
if (!window.customCards.some((card) => card.type === "dexcom-share-card")) {
  window.customCards.push({
    type: "dexcom-share-card",
    name: `Dexcom Share: ${text(language, "title")}`,
    description: text(language, "description"),
    preview: true,
    // Change and forecast have the device class of the value, so it is the translation key that counts.
    getEntitySuggestion(hass, entityId) {
      const entity = hass.entities[entityId];
      if (entity?.platform !== "dexcom_share" || entity.translation_key !== "glucose_value") return null;
      return { config: { type: "custom:dexcom-share-card", entity: entityId } };
    },
  });
}
window.customStrategies = window.customStrategies || [];
if (!window.customStrategies.some((strategy) => strategy.type === "dexcom-share")) {
  window.customStrategies.push({
    type: "dexcom-share",
    strategyType: "dashboard",
    name: `Dexcom Share: ${text(language, "title")}`,
    description: text(language, "description"),
  });
}
