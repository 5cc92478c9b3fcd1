// The plan of one design. Each part remembers what it shows and is touched only when that changes.

const byId = (id) => document.getElementById(id);

function write(element, text) {
  if (element && element.shown !== text) { element.textContent = text; element.shown = text; }
}
function mark(element, name, on) {
  if (element && element.classList.contains(name) !== on) element.classList.toggle(name, on);
}
function hide(element, hidden) {
  if (element && element.hidden !== hidden) element.hidden = hidden;
}

const LINES = {
  [AREA.street]: () => "street",
  [AREA.desk_line]: () => "desk-line",
  [AREA.service_line]: (step) => `service-line-${step.number}`,
  [AREA.line]: (step) => (TWO || CITY ? "line" : `line-${step.number}`), // side by side all are in one
};
const SEATS = {
  [AREA.desk]: (step) => `desk-${step.slot}`,
  [AREA.service]: (step) => `service-${step.number}-${step.slot}`,
  [AREA.seat]: (step) => `seat-${step.slot}`,
  [AREA.elsewhere]: (step) => `elsewhere-${step.slot}`,
  [AREA.place]: (step) => `place-${step.number}-${step.slot}`,
  [AREA.held]: (step) => `place-${step.number}-${step.slot}`,
};

/** When a visit joined the line that it is in: for a place, before it accepted another room. */
function joined({ visit, step }) {
  const before = visit.steps[visit.steps.indexOf(step) - 1];
  return step.area === AREA.line && before?.area === AREA.line ? before.time : step.time;
}

class Plan {
  constructor(root, number) {
    Object.assign(this, { root, number, other: null, record: null });
    this.plan = root.querySelector(".plan");
    this.crowd = root.querySelector(".people");
    this.areas = [...root.querySelectorAll(".area")];
    this.slots = new Map([...root.querySelectorAll("[data-slot]")].map((one) => [one.dataset.slot, one]));
    this.parts = new Map([...root.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one]));
    this.states = new Map([...root.querySelectorAll("[data-status]")].map((one) => [one.dataset.status, one]));
    this.numbered = root.querySelectorAll("[data-number]");
    this.longer = root.querySelectorAll("[data-more]");
    this.rooms = root.querySelectorAll(".room");
    this.centres = new Map();
    if (handed.floor) this.lay(...handed.floor);
    this.crowdAt = new Crowd(this);
    this.staff = new Staff(this);
  }

  /** Put the areas where they are on the planner's own plan; what is not on it stays below. */
  lay(ratio, boxes) {
    const floor = this.root.querySelector(".floor"), drawing = floor.querySelector(".drawing");
    const shadow = drawing.attachShadow({ mode: "open" }); // its style is not the page's
    const style = Object.assign(document.createElement("style"), { textContent: "svg, img { display: block; width: 100%; height: 100%; }" });
    shadow.append(style, byId("floor").content.cloneNode(true));
    floor.style.aspectRatio = String(ratio);
    const all = drawing.getBoundingClientRect();
    let least = Infinity;
    for (const area of this.areas) {
      const { area: name } = area.dataset, part = shadow.querySelector(`[data-room="${CSS.escape(name)}"]`);
      let box = boxes[name];
      if (part) {
        const at = part.getBoundingClientRect();
        box = [100 * (at.left - all.left) / all.width, 100 * (at.top - all.top) / all.height, 100 * at.width / all.width, 100 * at.height / all.height];
      }
      if (!box) continue;
      ["left", "top", "width", "height"].forEach((side, number) => { area.style[side] = `${box[number].toFixed(3)}%`; });
      floor.append(area);
      const count = area.querySelectorAll(".place").length;
      if (count) least = Math.min(least, Math.sqrt(box[2] * all.width * box[3] * all.height / 1e4 / count));
    }
    this.plan.style.setProperty("--figure", `${Math.min(36, Math.max(14, 0.55 * least)).toFixed(1)}px`);
  }

  /** Show another day: everybody is somewhere else. */
  take(record, apart) {
    this.record = record;
    this.crowdAt.take(apart);
    this.staff.clear();
  }

  part(name) { return this.parts.get(name); }

  /** Where every slot is; measured again when the page changes its width. */
  measure() {
    const origin = this.crowd.getBoundingClientRect();
    this.width = origin.width;
    this.figure = this.slots.get("left-0").offsetWidth - 2;
    for (const [name, element] of this.slots) {
      const box = element.getBoundingClientRect(), area = element.closest(".floor .area");
      if (area && box.bottom > area.getBoundingClientRect().bottom + 2) { this.centres.delete(name); continue; } // no room on the plan
      this.centres.set(name, [box.left - origin.left + box.width / 2, box.top - origin.top + box.height / 2]);
    }
    const door = this.part("door").getBoundingClientRect();
    this.centres.set("door", [door.left - origin.left + 20, door.top - origin.top + 12]);
    if (CITY) { // on the street
      const street = this.root.querySelector(".street").getBoundingClientRect();
      this.centres.set("door", [street.left - origin.left + 24, street.bottom - origin.top]);
    }
    this.crowdAt.forget();
    this.staff.forget();
  }

  /** Draw the moment t; `moves` says whether people are seen to walk. */
  draw(t, moves) {
    const present = this.record.presentAt(t), cases = this.record.casesAt(t);
    const [found, lines] = this.seated(present, t);
    this.crowdAt.draw(found, cases, t, moves);
    this.drawLines(lines);
    this.drawRooms(present, t);
    this.drawHeads(present, t);
    this.staff.draw(present, cases, t, moves);
    return present;
  }

  /** Everyone's slot, and how many are in each line. */
  seated(present, t) {
    const lines = new Map(), found = [], { day } = this.record;
    for (const one of present) {
      const { visit, step } = one;
      if (!WAITING.has(step.area)) { found.push([visit, SEATS[step.area](step), step]); continue; }
      const line = LINES[step.area](step);
      if (!lines.has(line)) lines.set(line, []);
      lines.get(line).push(one);
    }
    for (const [line, waiting] of lines) {
      const first = ({ visit }) => (line.startsWith("line") ? day.kinds[visit.kind].priority : 0);
      waiting.sort((one, other) => first(one) - first(other) || joined(one) - joined(other)
        || one.visit.row - other.visit.row);
      waiting.forEach(({ visit, step }, number) => found.push([visit, `${line}-${number}`, step]));
    }
    this.record.justLeft(t).slice(0, 4).forEach((visit, number) => found.push([visit, `left-${number}`, null]));
    return [found, lines];
  }

  drawLines(lines) {
    const count = (line) => lines.get(line)?.length ?? 0;
    for (const element of this.numbered) {
      const line = element.dataset.number;
      const all = line === "line" && !TWO && !CITY ? this.record.day.lines.reduce((sum, _, number) => sum + count(`line-${number}`), 0) : count(line);
      write(element, tell("in_line", { number: all }));
      mark(element, "some", all > 0);
    }
    for (const element of this.longer) {
      const line = element.dataset.more;
      let drawn = count(line);
      while (drawn && !this.centres.has(`${line}-${drawn - 1}`)) drawn--;
      write(element, count(line) > drawn ? `+${count(line) - drawn}` : "");
    }
  }

  drawRooms(present, t) {
    this.record.day.rooms.forEach((room, number) => {
      const used = new Map();
      for (const one of present) {
        const { step } = one;
        if ((step.area === AREA.place || step.area === AREA.held) && step.number === number) used.set(step.slot, one);
      }
      const cleaning = this.record.cleaning[number], broken = this.record.broken[number];
      const open = valueAt(room.series.open, t), limit = valueAt(room.limits, t);
      let unwatched = open ? valueAt(room.series.unusable, t) : 0;
      for (let slot = room.places - 1; slot >= 0; slot--) {
        const element = this.slots.get(`place-${number}-${slot}`), one = used.get(slot);
        const dirty = cleaning(slot, t), out = broken(slot, t);
        const empty = !one && !dirty, free = empty && !out && slot < limit;
        mark(element, "cleaning", dirty);
        mark(element, "out", empty && out);
        mark(element, "shut", empty && !out && slot >= limit);
        mark(element, "held", one?.step.area === AREA.held);
        mark(element, "unusable", free && unwatched > 0);
        if (free && unwatched > 0) unwatched--;
        drawUse(element, room, one, t);
      }
      const header = this.part(`room-${number}`), paused = Boolean(open && valueAt(room.series.paused, t));
      const disrepair = outOfOrder(room, t);
      const state = open ? tell("places_used", { used: used.size, open }) : disrepair ? say.room_out : say.room_closed;
      write(header, used.size && !open ? `${state} · ${used.size}` : state);
      mark(header, "some", Boolean(open && used.size >= open));
      mark(this.rooms[number], "stopped", paused);
      mark(this.rooms[number], "shut", !open && !disrepair);
    });
  }

  /** When intake into some open room was paused; null while it is not. */
  pausedSince(t) {
    const since = this.record.day.rooms
      .filter((room) => valueAt(room.series.open, t) && valueAt(room.series.paused, t))
      .map(({ series: { paused: [times] } }) => times[Math.max(0, upTo(times, t) - 1)]);
    return since.length ? Math.min(...since) : null;
  }

  drawHeads(present, t) {
    const { day } = this.record, { series } = day;
    const seats = present.filter(({ step }) => step.area === AREA.seat).length;
    write(this.part("seats"), tell(day.slots.seat_limit === null ? "seats_used_free" : "seats_used", { used: seats, seats: day.slots.seat_limit }));
    const begun = present.filter(({ step }) => step.area === AREA.desk_line).length;
    const interrupted = valueAt(series.waiting_check_in, t) - begun;
    write(this.part("interrupted"), interrupted > 0 ? tell("interrupted_now", { number: interrupted }) : "");
    const open = Boolean(valueAt(series.open, t)), paused = this.pausedSince(t);
    write(this.part("door"), open ? say.door_open : say.door_closed);
    if (TWO) mark(this.part("banner"), "off", paused === null);
    const staffed = open && day.roles.length > 0;
    const below = valueAt(series.below_cover, t) || valueAt(series.role_missing, t);
    const state = paused !== null ? "paused" : staffed && valueAt(series.nobody_free, t) ? "nobody"
      : staffed && below ? "below" : open ? "open" : "closed";
    for (const [name, element] of this.states) hide(element, name !== state);
    if (paused !== null) {
      const minutes = Math.floor(t - paused);
      write(this.states.get("paused").lastChild, minutes ? tell("status_paused_for", { minutes }) : say.status_paused);
    }
  }
}

function drawUse(element, room, one, t) {
  const entered = one ? one.visit.steps.find((step) => step.area === AREA.place).time : t;
  const share = room.limit ? Math.floor(t - entered) / room.limit : 0;
  mark(element, "over", share > 1);
  const width = Math.min(share, 1);
  if (element.share !== width) {
    element.share = width;
    element.querySelector(".bar").style.transform = share > 1 ? "" : `scaleX(${width})`;
  }
}
