// The line to Home Assistant: who there is, and what is told of them.

let list = null;

// The persons whose glucose this user may see; asked for once, again after a failure.
export function persons(hass) {
  if (!list || list.connection !== hass.connection) {
    const answer = hass.connection.sendMessagePromise({ type: "dexcom_share/persons" });
    list = { connection: hass.connection, answer, at: Date.now() };
    answer.then((found) => found.length || (list = null)).catch(() => (list = null));
  }
  return list.answer;
}

// Those of them that a card is about: named by their entries or by one of their entities, else all.
export async function chosen(hass, config) {
  const found = await persons(hass);
  const ids = [].concat(config.persons || []);
  const entities = [].concat(config.entities || config.entity || []);
  if (!ids.length && !entities.length) return found;
  return found.filter(
    (person) =>
      ids.includes(person.entry_id) || Object.values(person.entities).some((entity) => entities.includes(entity)),
  );
}

// Follow persons: `told` gets each one whenever something has changed, readings and marks as told last. Goes on after a
// lost connection; returns what ends it.
export function follow(hass, ids, told) {
  const known = new Map();
  return hass.connection.subscribeMessage(
    (event) => {
      const before = known.get(event.entry_id) || {};
      const person = {
        ...event,
        readings: event.readings || before.readings || [],
        marks: event.marks || before.marks || [],
        limits: event.limits || before.limits,
        unit: event.unit || before.unit || "mg/dL",
        heard: { now: event.now ?? Date.now(), wall: Date.now(), steady: performance.now() },
      };
      known.set(event.entry_id, person);
      told(person);
    },
    { type: "dexcom_share/subscribe", entry_id: ids, hours: 24 },
  );
}

export const statistics = (hass, id, days) =>
  hass.connection.sendMessagePromise({ type: "dexcom_share/statistics", entry_id: id, days });

export const history = (hass, id, hours) =>
  hass.connection.sendMessagePromise({ type: "dexcom_share/history", entry_id: id, hours });

// Call an action of ours for one person, by an entity that everybody who may see them has.
export function act(hass, person, action, data = {}) {
  const target = { entity_id: person.entities.glucose_value || Object.values(person.entities)[0] };
  return hass.callService("dexcom_share", action, data, target, false);
}

export const followers = (hass, person) =>
  hass.connection
    .sendMessagePromise({
      type: "call_service",
      domain: "dexcom_share",
      service: "list_followers",
      service_data: { config_entry_id: person.entry_id },
      return_response: true,
    })
    .then((answer) => answer.response.followers || []);
