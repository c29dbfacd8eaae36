// The card: a plain element, which depends on none of Home Assistant's own.

import { chosen, follow, followers, persons } from "./data.js";
import { el } from "./dom.js";
import { NightView, PersonView } from "./person.js";
import { drawStatistics, loadStatistics } from "./statistics.js";
import { text } from "./strings.js";
import { STYLE } from "./style.js";

const TICK = 5_000;
const AGAIN = 10_000;
const STATISTICS_EVERY = 30 * 60_000;
const VIEWS = ["glucose", "tile", "night", "statistics", "followers"];

export class DexcomShareCard extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this.views = new Map();
    this.words = (key, values) => text(this.language, key, values);
    this.clock = (time) => this.clockFormat.format(time);
    this.width = 480;
  }

  static getStubConfig() {
    return {};
  }

  static async getConfigForm() {
    const { hass } = document.querySelector("home-assistant") || {};
    const language = hass?.locale?.language || "en";
    const found = hass ? await persons(hass).catch(() => []) : [];
    const option = (options) => options.map(([value, label]) => ({ value, label }));
    return {
      schema: [
        { name: "persons", selector: { select: { multiple: true, options: option(found.map((each) => [each.entry_id, each.name])) } } },
        { name: "view", selector: { select: { mode: "dropdown", options: option(VIEWS.slice(0, 4).map((each) => [each, text(language, `view_${each}`)])) } } },
        { name: "hours", selector: { select: { mode: "dropdown", options: option([3, 6, 12, 24].map((each) => [String(each), `${each} h`])) } } },
        { name: "days", selector: { number: { min: 1, max: 90, mode: "box" } } },
        { name: "show_name", selector: { boolean: {} } },
      ],
      computeLabel: (field) => text(language, `editor_${field.name === "show_name" ? "name" : field.name}`),
    };
  }

  setConfig(config) {
    if (config.view && !VIEWS.includes(config.view)) throw new Error(`view: ${VIEWS.join(", ")}`);
    this.config = config;
    this.view = config.view || "glucose";
    this.restart();
  }

  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    const language = hass.locale?.language || hass.language || "en";
    this.toggleAttribute("dark", Boolean(hass.themes?.darkMode));
    if (!before || language !== this.language || before.locale !== hass.locale) {
      this.language = language;
      this.timeZone = hass.locale?.time_zone === "server" ? hass.config.time_zone : Intl.DateTimeFormat().resolvedOptions().timeZone;
      const format = hass.locale?.time_format;
      const hour12 = format === "12" ? true : format === "24" ? false : undefined;
      this.clockFormat = new Intl.DateTimeFormat(format === "system" ? undefined : language, { hour: "numeric", minute: "2-digit", hour12, timeZone: this.timeZone });
      if (before) this.restart();
    }
    if (!before || before.connection !== hass.connection) this.restart();
  }

  get hass() {
    return this._hass;
  }

  getCardSize() {
    return this.view === "tile" ? 1 : 6;
  }

  getGridOptions() {
    if (this.view === "tile") return { columns: 6, rows: 1, min_columns: 3, min_rows: 1 };
    return { columns: 12, min_columns: 6 };
  }

  connectedCallback() {
    this.observer = new ResizeObserver(([entry]) => {
      const width = Math.max(Math.round(entry.contentRect.width) - 32, 200);
      if (width !== this.width) {
        this.width = width;
        this.views.forEach((view) => view.drawCurves?.());
      }
    });
    this.observer.observe(this);
    this.timer = setInterval(() => this.views.forEach((view) => view.tick?.()), TICK);
    this.restart();
  }

  disconnectedCallback() {
    this.observer?.disconnect();
    clearInterval(this.timer);
    this.end();
  }

  end() {
    this.run = (this.run || 0) + 1;
    clearTimeout(this.again);
    this.unsubscribe?.then((stop) => stop()).catch(() => {});
    this.unsubscribe = null;
    this.views.forEach((view) => view.stop?.());
    this.views.clear();
  }

  // Begin anew with another configuration, language or connection.
  restart() {
    this.end();
    if (this.config && this._hass && this.isConnected) this.start(this.run);
  }

  async start(run) {
    try {
      const found = await chosen(this._hass, this.config);
      if (run !== this.run) return;
      if (!found.length) return this.show(el("div", { class: "empty" }, this.words("nobody")));
      this.names = this.config.show_name ?? found.length > 1;
      if (this.view === "statistics" || this.view === "followers") return await this.startPages(run, found);
      for (const person of found) {
        const view = this.view === "night" ? new NightView(this) : new PersonView(this, Number(this.config.hours) || 3);
        this.views.set(person.entry_id, view);
      }
      this.show(...[...this.views.values()].map((view) => view.root));
      this.unsubscribe = follow(this._hass, found.map((each) => each.entry_id), (person) => {
        if (run === this.run) this.views.get(person.entry_id)?.take(person);
      });
      await this.unsubscribe;
    } catch {
      if (run !== this.run) return;
      this.show(el("div", { class: "empty" }, this.words("unavailable")));
      this.again = setTimeout(() => this.restart(), AGAIN);
    }
  }

  async startPages(run, found) {
    const days = Math.round(Number(this.config.days) || 14);
    const pages = found.map((person) => el("section", { class: "person" }, this.names ? el("div", { class: "name" }, person.name) : null));
    if (this.view === "followers") {
      found.forEach((person, at) => pages[at].append(this.followersButton(person)));
      return this.show(...pages);
    }
    const drawn = await Promise.all(found.map((person) => (person.loaded ? loadStatistics(this._hass, person, days) : null)));
    if (run !== this.run) return;
    drawn.forEach((data, at) => pages[at].append(...(data ? drawStatistics(data, { words: this.words, language: this.language, timeZone: this._hass.config.time_zone, days, width: this.width }) : [this.words("not_loaded")])));
    this.show(...pages);
    this.again = setTimeout(() => this.restart(), STATISTICS_EVERY);
  }

  // Share is asked only when somebody wants to know.
  followersButton(person) {
    const place = el("div");
    const button = el("button", { onclick: async () => {
      try {
        const found = await followers(this._hass, person);
        place.replaceChildren(found.length
          ? el("table", {}, ...found.map((each) => el("tr", {}, el("td", {}, each.name || ""), el("td", {}, each.state || ""))))
          : this.words("followers_none"));
      } catch (error) {
        place.replaceChildren(this.words("failed", { reason: error.message || String(error) }));
      }
    } }, this.words("followers_show"));
    place.append(button);
    return place;
  }

  show(...children) {
    this.shadowRoot.replaceChildren(el("style", {}, STYLE), el("ha-card", {}, ...children));
  }
}
