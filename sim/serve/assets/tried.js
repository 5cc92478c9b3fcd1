// What was tried: a row for each move, the newest on top.

import { ask } from "/assets/ask.js";

const STAR = "M10 1.8l2.5 5.3 5.8.8-4.2 4 1 5.8-5.1-2.8-5.1 2.8 1-5.8-4.2-4 5.8-.8z";

export class Tried {
  // `go(row)` shows a row again.
  constructor(rows, words, go) {
    this.words = words;
    this.go = go;
    this.rows = rows;
    this.current = null;
    this.list = document.getElementById("rows");
    const name = document.getElementById("row-name");
    name.addEventListener("change", () => this.say({ name: name.value }));
    this.draw();
  }

  get row() { return this.rows.find((one) => one.id === this.current); }

  get starred() { return this.rows.filter((one) => one.star); }

  take(row) {
    const at = this.rows.findIndex((one) => one.id === row.id);
    if (at < 0) this.rows.unshift(row); else this.rows[at] = row;
    this.draw();
  }

  takeAll(rows) { this.rows = rows; this.draw(); }

  select(id) { this.current = id; this.draw(); }

  async say(what, row = this.row) {
    if (row) this.take(await ask("/row", { id: row.id, ...what }));
  }

  draw() {
    const focus = document.activeElement?.dataset?.focus;
    this.list.replaceChildren(...this.rows.map((one) => this.item(one)));
    if (focus) this.list.querySelector(`[data-focus="${focus}"]`)?.focus();
    const { row } = this;
    document.getElementById("row-of").hidden = !row;
    const name = document.getElementById("row-name");
    if (row && document.activeElement !== name) name.value = row.name;
    const tab = document.querySelector('#tabs [data-tab="tried"]');
    tab.textContent = `${this.words.tab_tried} (${this.rows.length})`;
    this.drawn?.();
  }

  item(one) {
    const item = document.createElement("li");
    item.classList.toggle("is-current", one.id === this.current);
    const star = document.createElement("button");
    Object.assign(star, { type: "button", className: "star" });
    star.dataset.focus = `star-${one.id}`;
    star.setAttribute("aria-pressed", String(one.star));
    star.setAttribute("aria-label", `${this.words.star}: ${one.name || one.title}`);
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    shape.setAttribute("viewBox", "0 0 20 20");
    shape.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", STAR);
    shape.append(path);
    star.append(shape);
    star.addEventListener("click", () => this.say({ star: !one.star }, one));
    item.append(star, this.button(one));
    return item;
  }

  button(one) {
    const go = document.createElement("button");
    Object.assign(go, { type: "button", className: "go" });
    go.dataset.focus = `go-${one.id}`;
    if (one.id === this.current) go.setAttribute("aria-current", "true");
    const at = document.createElement("time");
    at.dateTime = one.at;
    at.textContent = new Date(one.at).toLocaleTimeString(this.words.locale, { hour: "2-digit", minute: "2-digit" });
    const title = document.createElement("b");
    title.textContent = one.name || one.title;
    go.append(at, title);
    if (one.name && one.name !== one.title) go.append(this.small(one.title));
    if (one.mark && one.word) {
      const verdict = document.getElementById(`mark-${one.mark}`).content.firstElementChild.cloneNode(true);
      verdict.lastElementChild.textContent = one.word;
      go.append(verdict);
    }
    go.addEventListener("click", () => this.go(one));
    return go;
  }

  small(text) {
    const found = document.createElement("small");
    found.textContent = text;
    return found;
  }
}
