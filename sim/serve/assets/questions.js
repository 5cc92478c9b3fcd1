// The questions: a slider and a box for each, where the base stands, and a way back.

const MOST_FOUND = 12;
const DAY = 1440;
const NEXT_DAY = " next day"; // as scenarios write an end past midnight

export function clock(minutes) {
  const at = minutes > DAY ? minutes - DAY : minutes;
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}

function minutesOf(text) {
  const found = /^\s*(\d{1,2})[:.](\d{2})\s*$/.exec(text);
  return found ? 60 * Number(found[1]) + Number(found[2]) : NaN;
}

function tidy(number) {
  return Number(number.toPrecision(12));
}

export class Questions {
  // `moved(quick)` is called when something was moved; `state` has `base` and `now` by path.
  constructor(list, words, state, moved) {
    this.words = words;
    this.state = state;
    this.moved = moved;
    this.shown = new Map();
    this.from = new Map();
    this.comparedWith(list);
    this.take(list);
  }

  // What the base's own text says, by what is asked.
  comparedWith(list) { this.from = new Map(list.map((one) => [this.key(one), one])); }

  take(list) {
    this.list = list;
    for (const group of document.querySelectorAll(".group .question")) group.remove();
    this.shown.clear();
    for (const one of list) {
      if (one.group !== "more") this.show(one, document.getElementById(`group-${one.group}`));
    }
    this.update();
  }

  key(one) { return `${one.path} ${one.kind}`; }

  show(one, into) {
    const key = this.key(one);
    const there = this.shown.get(key);
    if (there) { into.append(there.element); return; }
    const made = new One(one, this);
    this.shown.set(key, made);
    into.append(made.element);
    made.update();
  }

  find(text) {
    const found = document.getElementById("found");
    const how = document.getElementById("found-how");
    const wanted = text.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const [key, one] of [...this.shown]) {
      if (one.element.parentElement === found) { one.element.remove(); this.shown.delete(key); }
    }
    if (!wanted.length) { how.textContent = ""; return; }
    const fit = this.list.filter((one) => one.group === "more" && !this.isChanged(one)
      && wanted.every((word) => `${one.name} ${one.path}`.toLocaleLowerCase().includes(word)));
    for (const one of fit.slice(0, MOST_FOUND)) this.show(one, found);
    how.textContent = fit.length > MOST_FOUND ? this.words.found_more.replace("{number}", fit.length)
      : fit.length ? "" : this.words.found_none;
  }

  // What is set at a path, in the unit that is shown.
  valueOf(one, settings) {
    const set = settings[one.path];
    if (one.kind === "opens" || one.kind === "closes") {
      if (typeof set !== "string") return one.value;
      const [opens, closes] = set.replace(NEXT_DAY, "").split("-").map(minutesOf);
      return one.kind === "opens" ? opens : closes > opens ? closes : closes + DAY;
    }
    if (set === undefined) return one.value;
    if (one.kind === "choice") return String(set);
    return tidy(parseFloat(set) * one.times);
  }

  nowOf(one) { return this.valueOf(one, this.state.now); }

  // As it is in what moves are compared with; what is not there is as it is now.
  baseOf(one) {
    const there = this.from.get(this.key(one));
    return there ? this.valueOf(there, this.state.base) : this.nowOf(one);
  }

  isChanged(one) { return this.nowOf(one) !== this.baseOf(one); }

  set(one, value, quick) {
    const now = { ...this.state.now };
    const from = this.valueOf(one, {});
    if (one.kind === "opens" || one.kind === "closes") {
      const other = this.list.find((each) => each.path === one.path && each.kind !== one.kind);
      const beside = this.valueOf(other, this.state.now);
      const [opens, closes] = one.kind === "opens" ? [value, beside] : [beside, value];
      const [first, last] = one.kind === "opens" ? [one.value, other.value] : [other.value, one.value];
      now[one.path] = `${clock(opens)}-${clock(closes)}${closes > DAY ? NEXT_DAY : ""}`;
      if (opens === first && closes === last) delete now[one.path];
    } else if (value === from) {
      delete now[one.path];
    } else if (one.kind === "choice") {
      now[one.path] = value === "true" ? true : value === "false" ? false : value;
    } else {
      const number = tidy(value / one.times);
      now[one.path] = one.written ? `${number} ${one.written}` : number;
    }
    this.state.now = now;
    this.update();
    this.moved(quick);
  }

  update() {
    for (const one of this.list) {
      if (one.group !== "more") continue;
      const key = this.key(one);
      if (this.isChanged(one)) this.show(one, document.getElementById("changed"));
      else if (this.shown.get(key)?.element.parentElement?.id === "changed"
        && !this.shown.get(key).element.contains(document.activeElement)) {
        this.shown.get(key).element.remove();
        this.shown.delete(key);
      }
    }
    const group = document.getElementById("changed");
    for (const one of this.shown.values()) {
      one.update();
      one.place(group);
    }
    group.hidden = !group.querySelector(".question");
  }

  wrong(paths) {
    for (const one of this.shown.values()) {
      one.element.classList.toggle("is-wrong", paths.includes(one.one.path));
    }
  }
}

class One {
  constructor(one, all) {
    this.one = one;
    this.all = all;
    this.element = document.createElement("div");
    this.element.className = "question";
    this.element.dataset.path = one.path;
    const id = `q-${Math.random().toString(36).slice(2)}`;
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = one.name;
    this.element.append(label);
    this.home = null;
    if (one.kind === "choice") this.choice(id); else this.slider(id);
    this.back = document.createElement("button");
    this.back.type = "button";
    this.back.className = "link back";
    this.back.addEventListener("click", () => {
      this.input.focus();
      this.change(this.all.baseOf(this.one));
    });
    this.element.append(this.back);
  }

  choice(id) {
    this.input = document.createElement("select");
    this.input.id = id;
    for (const [value, words] of this.one.choices) this.input.add(new Option(words, value));
    this.input.addEventListener("change", () => this.change(this.input.value));
    this.element.append(this.input);
  }

  slider(id) {
    const { one } = this;
    const isClock = one.kind !== "number";
    const box = document.createElement("div");
    box.className = "box";
    this.input = document.createElement("input");
    this.input.id = id;
    if (isClock) {
      Object.assign(this.input, { type: "text", inputMode: "numeric", pattern: "[0-9]{1,2}[:.][0-9]{2}" });
    } else {
      Object.assign(this.input, { type: "number", step: "any", inputMode: "decimal" });
    }
    this.input.addEventListener("change", () => {
      const value = isClock ? this.clockTyped() : this.input.valueAsNumber;
      if (Number.isFinite(value)) this.change(value); else this.update();
    });
    const unit = document.createElement("span");
    unit.className = "unit";
    unit.textContent = one.unit;
    box.append(this.input, unit);
    this.range = document.createElement("input");
    Object.assign(this.range, { type: "range", min: one.low, max: one.high, step: one.step });
    this.range.setAttribute("aria-label", one.name);
    this.range.addEventListener("input", () => this.all.set(one, this.range.valueAsNumber, true));
    this.range.addEventListener("change", () => this.all.moved(false));
    this.tick = document.createElement("span");
    this.tick.className = "tick";
    const around = document.createElement("div");
    around.className = "slider";
    around.append(this.tick, this.range);
    this.element.append(box, around);
  }

  clockTyped() {
    const value = minutesOf(this.input.value);
    return this.one.kind === "closes" && value <= this.one.low - 60 ? value + DAY : value;
  }

  change(value) { this.all.set(this.one, value, false); }

  words(value) {
    if (this.one.kind === "choice") return this.one.choices.find(([one]) => one === value)?.[1] ?? value;
    return this.one.kind === "number" ? value.toLocaleString(this.all.words.locale) : clock(value);
  }

  // On a phone what is changed stands first; elsewhere everything stays where it is.
  place(changed) {
    if (this.one.group === "more") return;
    const own = document.getElementById(`group-${this.one.group}`);
    const first = matchMedia("(max-width: 700px)").matches && this.element.classList.contains("is-changed");
    if (this.element.contains(document.activeElement)) return;
    if (first) changed.append(this.element);
    else if (this.element.parentElement !== own) own.append(this.element);
  }

  update() {
    const { one, all } = this;
    const now = all.nowOf(one);
    const base = all.baseOf(one);
    this.element.classList.toggle("is-changed", now !== base);
    this.back.hidden = now === base;
    this.back.textContent = all.words.back.replace("{value}", this.words(base));
    if (one.kind === "choice") { this.input.value = now; return; }
    const text = one.kind === "number" ? String(now) : clock(now);
    if (this.input.value !== text) this.input.value = text;
    this.range.min = Math.min(one.low, now);
    this.range.max = Math.max(one.high, now);
    this.range.value = now;
    this.range.setAttribute("aria-valuetext", `${this.words(now)} ${one.unit}`.trim());
    const share = (base - this.range.min) / (this.range.max - this.range.min || 1);
    this.tick.style.left = `calc(8px + ${share} * (100% - 16px))`;
  }
}
