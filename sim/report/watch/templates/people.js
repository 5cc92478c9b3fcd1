// Who is on the plan: people who walk, wait, use and rest, and staff who go to what they do.

const shift = ([x, y]) => `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
const ARRIVING = { duration: 450, easing: "ease" };
const BESIDE = [0.52, 0.28]; // where staff stand by somebody, from the middle of the place, in figures
const AROUND = [[0.78, 0], [-0.78, 0], [0, -0.78], [0, 0.78]]; // the same of an overdose

function figure(kind, symbol, text = "") {
  const element = document.createElement("div");
  element.className = kind;
  element.innerHTML = `<svg><use href="#${symbol}"/></svg><b></b>`;
  element.lastChild.textContent = text;
  return element;
}

/** Put a figure somewhere, or let it come in by the door. */
function place(one, centre, door, moves) {
  one.element.style.transform = shift(centre);
  if (door && moves) one.element.animate([{ transform: shift(door), opacity: 0 }, { transform: shift(centre), opacity: 1 }], ARRIVING);
}

/** Somebody leaves by the door. */
function leave(one, door, moves) {
  if (!moves) { one.element.remove(); return; }
  one.element.classList.add("gone");
  one.element.style.transform = shift(door);
  setTimeout(() => one.element.remove(), 500);
}

class Crowd {
  constructor(plan) {
    Object.assign(this, { plan, people: new Map(), labels: new Map(), apart: new Map() });
  }

  /** Of another day nobody stays. `apart` are those in the difference between two designs. */
  take(apart) {
    for (const { element } of [...this.people.values(), ...this.labels.values()]) element.remove();
    this.people.clear();
    this.labels.clear();
    this.apart = new Map();
    for (const [row, number, start, end] of apart) {
      if (!this.apart.has(row)) this.apart.set(row, []);
      this.apart.get(row).push({ number, start, end });
    }
  }

  forget() { for (const person of this.people.values()) person.slot = null; }

  draw(found, cases, t, moves) {
    const { centres, crowd } = this.plan, door = centres.get("door");
    const here = new Set(), ill = new Set(cases.map((one) => one.visit));
    for (const [visit, slot, step] of found) {
      const centre = centres.get(slot);
      if (!centre) continue; // beyond the end of a long line: counted beside it
      here.add(visit.row);
      let person = this.people.get(visit.row);
      const isNew = !person;
      if (isNew) {
        const kind = handed.shapes[this.plan.record.day.kinds[visit.kind].name];
        person = { element: figure(`person kind-${kind}`, `shape-${kind}`), slot: null };
        person.label = person.element.lastChild;
        this.people.set(visit.row, person);
        crowd.append(person.element);
      }
      if (person.slot !== slot) { place(person, centre, isNew && door, moves); person.slot = slot; }
      const overdosed = ill.has(visit.row);
      mark(person.element, "overdosed", overdosed);
      mark(person.element, "left", step === null);
      if (TWO) this.number(person, visit, overdosed, t);
      else {
        mark(person.element, "rests", step !== null && step.area === AREA.seat && !overdosed);
        write(person.label, step === null ? "" : String(Math.floor(t - step.time)));
      }
    }
    for (const [row, person] of this.people) {
      if (here.has(row)) continue;
      this.people.delete(row);
      leave(person, door, moves);
    }
    this.drawLabels(cases, t);
  }

  /** In the difference: a number, the same in both designs. Everybody else fades. */
  number(person, visit, overdosed, t) {
    const spans = this.apart.get(visit.row), now = spans?.find(({ start, end }) => start <= t && t < end);
    write(person.label, now ? String(now.number) : "");
    mark(person.element, "fade", !now && !overdosed);
  }

  /** What is said beside somebody who has overdosed. */
  drawLabels(cases, t) {
    const { crowd, width } = this.plan, told = new Set();
    for (const one of cases) {
      const person = this.people.get(one.visit), centre = person && this.plan.centres.get(person.slot);
      if (!centre) continue;
      told.add(one);
      let label = this.labels.get(one);
      if (!label) {
        label = { element: Object.assign(document.createElement("p"), { className: "told" }) };
        this.labels.set(one, label);
        crowd.append(label.element);
      }
      const stable = one.stable !== null && one.stable <= t ? ` · ${tell("overdose_stable", { time: clock(one.stable) })}` : "";
      write(label.element, tell("overdose_label", { time: clock(one.onset) }) + stable);
      const at = `${centre} ${width}`;
      if (label.at === at && label.stable === stable) continue;
      Object.assign(label, { at, stable });
      const half = label.element.offsetWidth / 2 + 4;
      label.element.style.transform = shift([Math.min(Math.max(centre[0], half), Math.max(half, width - half)), centre[1] + 0.9 * this.plan.figure]);
    }
    for (const [one, label] of this.labels) {
      if (told.has(one)) continue;
      label.element.remove();
      this.labels.delete(one);
    }
  }
}

// What a role counts, in the order in which it is more pressing, and the spots where it is done.
const DUTIES = ["respond", "check_in", "service", "stay_task", "clean"];

const isOn = (token, row) => Boolean(token.spot?.startsWith(row));

class Staff {
  constructor(plan) { Object.assign(this, { plan, tokens: new Map(), lacking: [], said: null }); }

  clear() {
    for (const tokens of this.tokens.values()) for (const { element } of tokens) element.remove();
    for (const { element } of this.lacking) element.remove();
    this.tokens.clear();
    this.lacking = [];
  }

  forget() { for (const tokens of this.tokens.values()) for (const token of tokens) token.drawn = null; }

  /** Where each duty is being done now, as spots: a name, where it is, and the roles that may. */
  spots(present, cases, t) {
    const { centres, figure: size, record: { day, tasks } } = this.plan, found = Object.fromEntries(DUTIES.map((duty) => [duty, []]));
    const add = (duty, name, slot, by, roles = null) => {
      const centre = centres.get(slot);
      if (centre) found[duty].push({ name: `${duty} ${name}`, centre: [centre[0] + by[0] * size, centre[1] + by[1] * size], roles, taken: false });
    };
    const helped = new Map(cases.map((one) => [one.visit, helpersAt(one, t)]));
    for (const { visit, step } of present) {
      const slot = SEATS[step.area]?.(step);
      if (helped.has(visit.row) && slot) {
        AROUND.slice(0, Math.max(helped.get(visit.row), 1)).forEach((by, number) => add("respond", `${visit.row}-${number}`, slot, by));
      }
      if (step.area === AREA.desk) add("check_in", slot, slot, BESIDE);
      if (step.area === AREA.service) add("service", slot, slot, BESIDE, day.givers[step.number]);
      for (const task of tasks.get(visit.row) ?? []) {
        if (task.start <= t && (task.end === null || task.end > t) && slot) add("stay_task", slot, slot, BESIDE, task.roles);
      }
    }
    day.rooms.forEach((room, number) => {
      if (!room.cleaned_by_staff) return;
      for (let slot = 0; slot < room.places; slot++) {
        if (this.plan.record.cleaning[number](slot, t)) add("clean", `${number}-${slot}`, `place-${number}-${slot}`, [0, 0]);
      }
    });
    return found;
  }

  draw(present, cases, t, moves) {
    const { record: { day }, centres } = this.plan, spots = this.spots(present, cases, t);
    const wanted = [], free = [];
    for (const role of day.roles) {
      const now = staffAt(role, t), tokens = this.hold(role.name, now.here, moves);
      const left = new Map(DUTIES.map((duty) => [duty, valueAt(role.series[duty], t)]));
      left.set("on_break", now.on_break);
      wanted.push({ role: role.name, left, tokens: new Set(tokens) });
    }
    // Whoever still has the same in hand stays there; then the others are sent.
    for (const keeps of [true, false]) {
      for (const { role, left, tokens } of wanted) {
        for (const duty of DUTIES) {
          for (const spot of spots[duty]) {
            if (spot.taken || !left.get(duty) || (spot.roles && !spot.roles.includes(role))) continue;
            const token = [...tokens].find((one) => !keeps || one.spot === spot.name);
            if (!token) continue;
            spot.taken = true;
            left.set(duty, left.get(duty) - 1);
            tokens.delete(token);
            this.send(token, spot.name, spot.centre, moves);
          }
        }
      }
    }
    this.rest("break", wanted.flatMap(({ left, tokens }) => {
      const resting = [...tokens].sort((one, other) => Number(isOn(other, "break")) - Number(isOn(one, "break"))).slice(0, left.get("on_break"));
      resting.forEach((token) => tokens.delete(token));
      return resting;
    }), moves);
    for (const { tokens } of wanted) free.push(...tokens);
    const used = this.rest("floor", free, moves);
    this.drawLacking(t, used);
    const beyond = free.filter((token) => !centres.has(token.spot)).length;
    write(this.plan.part("more-staff"), beyond ? `+${beyond}` : "");
  }

  /** As many figures of a role as there are at work. */
  hold(role, count, moves) {
    if (!this.tokens.has(role)) this.tokens.set(role, []);
    const tokens = this.tokens.get(role);
    while (tokens.length > count) {
      const idle = tokens.findLastIndex((token) => token.spot?.startsWith("floor"));
      leave(tokens.splice(idle < 0 ? tokens.length - 1 : idle, 1)[0], this.plan.centres.get("door"), moves);
    }
    while (tokens.length < count) {
      const token = { element: figure("token", "staff", handed.letters[role]), spot: null, drawn: null, isNew: true };
      this.plan.crowd.append(token.element);
      tokens.push(token);
    }
    return tokens;
  }

  send(token, spot, centre, moves) {
    token.spot = spot;
    const drawn = `${spot} ${centre}`;
    if (token.drawn === drawn) return;
    token.drawn = drawn;
    place(token, centre, token.isNew && this.plan.centres.get("door"), moves);
    token.isNew = false;
  }

  /** Those who stand in a row: whoever does keeps the place, others take the first that is free. */
  rest(row, tokens, moves) {
    const { centres } = this.plan, used = new Set();
    for (const token of tokens) {
      if (!token.spot?.startsWith(`${row}-`) || !centres.has(token.spot)) token.spot = null;
      else used.add(token.spot);
    }
    let next = 0;
    for (const token of tokens) {
      if (token.spot === null) {
        while (used.has(`${row}-${next}`)) next++;
        token.spot = `${row}-${next}`;
        used.add(token.spot);
      }
      const centre = centres.get(token.spot);
      token.element.hidden = !centre;
      if (centre) this.send(token, token.spot, centre, moves);
    }
    return used;
  }

  /** Empty outlines for those who are absent, or whom only the other design has on duty. */
  drawLacking(t, used) {
    const { record, other, centres } = this.plan, missing = [];
    for (const role of record.day.roles) {
      const mine = staffAt(role, t).here, theirs = other?.record.day.roles.find((one) => one.name === role.name);
      const fewer = theirs ? staffAt(theirs, t).here - mine : 0;
      const count = Math.max(fewer, record.absentAt(role.name, t));
      for (let number = 0; number < count; number++) missing.push(role.name);
    }
    for (const role of other?.record.day.roles ?? []) {
      if (record.day.roles.some((one) => one.name === role.name)) continue;
      for (let number = staffAt(role, t).here; number > 0; number--) missing.push(role.name);
    }
    while (this.lacking.length > missing.length) this.lacking.pop().element.remove();
    while (this.lacking.length < missing.length) {
      const one = { element: figure("token lacking", "staff") };
      this.plan.crowd.append(one.element);
      this.lacking.push(one);
    }
    let next = 0;
    for (const one of this.lacking) {
      while (used.has(`floor-${next}`)) next++;
      const spot = `floor-${next++}`, centre = centres.get(spot), drawn = `${spot} ${centre}`;
      one.element.hidden = !centre;
      if (centre && one.drawn !== drawn) { one.drawn = drawn; place(one, centre); }
    }
    const counts = new Map();
    for (const role of missing) counts.set(role, (counts.get(role) ?? 0) + 1);
    const staff = [...counts].map(([role, count]) => (count > 1 ? `${count} × ${named(role)}` : named(role))).join(", ");
    write(this.plan.part("missing"), staff ? tell("missing", { staff }) : "");
  }
}
