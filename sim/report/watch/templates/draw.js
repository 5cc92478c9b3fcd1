// The picture. Each part remembers what it shows and is touched only when that changes.

const byId = (id) => document.getElementById(id);
const SHAPES = document.querySelectorAll("symbol[id^=shape]").length;
const plan = byId("plan"), crowd = byId("people");
const slots = new Map([...plan.querySelectorAll("[data-slot]")].map((one) => [one.dataset.slot, one]));
const centres = new Map();
const people = new Map(); // row of the visit → its shape in the picture

function write(element, text) {
  if (element && element.shown !== text) { element.textContent = text; element.shown = text; }
}
function mark(element, name, on) {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}

/** Where every slot is; measured again when the page changes its width. */
function measure() {
  const origin = crowd.getBoundingClientRect();
  for (const [name, element] of slots) {
    const box = element.getBoundingClientRect();
    const low = element.classList.contains("place") ? 2 : 0;
    centres.set(name, [box.left - origin.left + box.width / 2, box.top - origin.top + box.height / 2 + low]);
  }
  const door = byId("door").getBoundingClientRect();
  centres.set("door", [door.left - origin.left + 30, door.top - origin.top + 12]);
}

const LINES = {
  [AREA.street]: () => "street",
  [AREA.desk_line]: () => "desk-line",
  [AREA.service_line]: (step) => `service-line-${step.number}`,
  [AREA.line]: (step) => `line-${step.number}`,
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

/** Everyone's slot, and how many are in each line. */
function seated(present, t) {
  const lines = new Map(), found = [];
  for (const one of present) {
    const { visit, step } = one;
    if (!WAITING.has(step.area)) { found.push([visit, SEATS[step.area](step), step.time]); continue; }
    const line = LINES[step.area](step);
    if (!lines.has(line)) lines.set(line, []);
    lines.get(line).push(one);
  }
  for (const [line, waiting] of lines) {
    const first = ({ visit }) => (line.startsWith("line") ? day.kinds[visit.kind].priority : 0);
    waiting.sort((one, other) => first(one) - first(other) || joined(one) - joined(other)
      || one.visit.row - other.visit.row);
    waiting.forEach(({ visit, step }, number) => found.push([visit, `${line}-${number}`, step.time]));
  }
  justLeft(t).slice(0, 4).forEach((visit, number) => found.push([visit, `left-${number}`, null]));
  return [found, lines];
}

const SHAPE = document.createElement("div");
SHAPE.innerHTML = "<svg><use/></svg><b></b>";

/** Somebody comes in by the door. */
function newPerson(visit, slot) {
  const shape = visit.kind % SHAPES, element = SHAPE.cloneNode(true);
  element.className = `person kind-${shape}`;
  element.querySelector("use").setAttribute("href", `#shape-${shape}`);
  crowd.append(element);
  const there = place(element, centres.get(slot));
  if (moves()) {
    const door = { transform: shift(centres.get("door")), opacity: 0 };
    element.animate([door, { transform: there, opacity: 1 }], { duration: 450, easing: "ease" });
  }
  return { element, label: element.lastChild, slot };
}

const shift = ([x, y]) => `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
const place = (element, centre) => (element.style.transform = shift(centre));
const little = matchMedia("(prefers-reduced-motion: reduce)");
const moves = () => !little.matches && !plan.classList.contains("still");

function drawPeople(found, cases, t) {
  const here = new Set(), ill = new Set(cases.map((one) => one.visit));
  for (const [visit, slot, since] of found) {
    if (!centres.has(slot)) continue; // beyond the end of a long line: counted beside it
    here.add(visit.row);
    let person = people.get(visit.row);
    if (!person) people.set(visit.row, person = newPerson(visit, slot));
    if (person.slot !== slot) { place(person.element, centres.get(slot)); person.slot = slot; }
    write(person.label, since === null ? "" : String(Math.floor(t - since)));
    mark(person.element, "overdosed", ill.has(visit.row));
  }
  for (const [row, person] of people) {
    if (here.has(row)) continue;
    people.delete(row);
    leave(person.element);
  }
}

/** Somebody leaves by the door. */
function leave(element) {
  if (!moves()) { element.remove(); return; }
  element.classList.add("gone");
  place(element, centres.get("door"));
  setTimeout(() => element.remove(), 500);
}

const numbered = document.querySelectorAll("[data-number]"), longer = document.querySelectorAll("[data-more]");
const onDuty = document.querySelectorAll("[data-duty]");

function drawLines(lines) {
  for (const element of numbered) {
    write(element, String(lines.get(element.dataset.number)?.length ?? 0));
  }
  for (const element of longer) {
    const line = element.dataset.more, count = lines.get(line)?.length ?? 0;
    let drawn = count;
    while (drawn && !centres.has(`${line}-${drawn - 1}`)) drawn--;
    write(element, count > drawn ? `+${count - drawn}` : "");
  }
}

function drawRooms(present, cases, t) {
  const helped = new Map(cases.map((one) => [one.visit, helpersAt(one, t)]));
  day.rooms.forEach((room, number) => {
    const used = new Map();
    for (const { visit, step } of present) {
      if ((step.area === AREA.place || step.area === AREA.held) && step.number === number) used.set(step.slot, { visit, step });
    }
    const dirty = new Set(room.cleaning.filter(([, start, end]) => start <= t && (end === null || end > t)).map(([slot]) => slot));
    const out = new Set(room.out.filter(([, start, end]) => start <= t && (end === null || end > t)).map(([slot]) => slot));
    const open = valueAt(room.series.open, t), limit = valueAt(room.limits, t);
    let unwatched = open ? valueAt(room.series.unusable, t) : 0;
    for (let slot = room.places - 1; slot >= 0; slot--) {
      const element = slots.get(`place-${number}-${slot}`), one = used.get(slot);
      const empty = !one && !dirty.has(slot), free = empty && !out.has(slot) && slot < limit;
      mark(element, "cleaning", dirty.has(slot));
      mark(element, "out", empty && out.has(slot));
      mark(element, "shut", empty && !out.has(slot) && slot >= limit);
      mark(element, "held", one?.step.area === AREA.held);
      mark(element, "unusable", free && unwatched > 0);
      if (free && unwatched > 0) unwatched--;
      drawUse(element, room, one, t);
      drawHelp(element, one && helped.get(one.visit.row));
    }
    const header = byId(`room-${number}`), paused = open && valueAt(room.series.paused, t);
    const broken = outOfOrder(room, t);
    const closed = broken ? say.room_out : say.room_closed;
    const state = open ? tell("places_used", { used: used.size, open }) : closed;
    write(header, paused ? say.paused : used.size && !open ? `${state} · ${used.size}` : state);
    mark(header, "alarm", Boolean(paused));
    mark(header.closest(".room"), "shut", !open && !broken);
  });
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

/** Staff beside somebody who has overdosed; undefined for no overdose. */
function drawHelp(element, helpers) {
  mark(element, "overdose", helpers !== undefined);
  if (element.helpers === helpers) return;
  element.helpers = helpers;
  let help = element.querySelector(".help");
  if (!help) element.append(help = Object.assign(document.createElement("i"), { className: "help" }));
  help.innerHTML = figures(helpers ?? 0);
}

const figures = (count) => '<svg><use href="#figure"/></svg>'.repeat(count);

function drawOutsideRooms(present, cases, t) {
  const helped = new Map(cases.map((one) => [one.visit, helpersAt(one, t)]));
  const ill = new Map();
  for (const { visit, step } of present) {
    if (helped.has(visit.row) && (step.area === AREA.seat || step.area === AREA.elsewhere)) ill.set(SEATS[step.area](step), helped.get(visit.row));
  }
  for (const [name, element] of slots) {
    if (name.startsWith("seat") || name.startsWith("elsewhere")) drawHelp(element, ill.get(name));
  }
  const seats = present.filter(({ step }) => step.area === AREA.seat).length;
  write(byId("seats"), tell(day.slots.seat_limit === null ? "seats_used_free" : "seats_used", { used: seats, seats: day.slots.seat_limit }));
  const begun = present.filter(({ step }) => step.area === AREA.desk_line).length;
  const interrupted = valueAt(day.series.waiting_check_in, t) - begun;
  write(byId("interrupted"), interrupted > 0 ? tell("interrupted_now", { number: interrupted }) : "");
  const open = valueAt(day.series.open, t);
  write(byId("door"), open ? say.door_open : say.door_closed);
}

function drawCounters(counts) {
  for (const [name, count] of Object.entries(counts)) {
    const text = name === "longest" ? tell("minutes", { number: whole(count) })
      : name === "overdoses_after" ? (count ? tell("overdoses_after", { number: count }) : "") : numbers.format(count);
    write(byId(`count-${name}`), text);
  }
}

const rows = [...document.querySelectorAll("tr[data-role]")].map((row) => ({
  role: day.roles[Number(row.dataset.role)], note: row.querySelector(".note"),
  cells: [...row.querySelectorAll("td")],
}));

function drawStaff(t) {
  for (const { role, note, cells } of rows) {
    const now = staffAt(role, t);
    for (const cell of cells) {
      const count = now[cell.dataset.what];
      if (cell.shown === count) continue;
      cell.shown = count;
      cell.innerHTML = count ? `${figures(Math.min(count, 5))}<span class="count">${count}</span>` : "";
    }
    write(note, [now.overtime ? tell("overtime", { number: now.overtime }) : "",
      role.absent ? tell("absent", { number: role.absent }) : ""].filter(Boolean).join(" · "));
  }
  for (const element of onDuty) drawDuty(element, t);
  const cover = byId("cover"), below = valueAt(day.series.below_cover, t) || valueAt(day.series.role_missing, t);
  const nobody = valueAt(day.series.nobody_free, t), open = valueAt(day.series.open, t);
  write(cover, !rows.length || !open ? "" : nobody ? say.nobody_free : below ? say.below_cover : say.cover_good);
  mark(cover, "alarm", Boolean(nobody || below));
  mark(cover, "good", !(nobody || below));
}

/** Figures for the staff at a duty, all roles together. */
function drawDuty(element, t) {
  const { duty } = element.dataset;
  const count = day.roles.reduce((sum, role) => sum + (duty === "free" ? staffAt(role, t).free : valueAt(role.series[duty], t)), 0);
  if (element.shown === count) return;
  element.shown = count;
  element.innerHTML = figures(count);
  if (`floor_${duty}` in say) write(byId(`floor-${duty}`), tell(`floor_${duty}`, { number: count }));
}

/** Draw the moment t. */
function draw(t) {
  const present = presentAt(t), cases = casesAt(t);
  const [found, lines] = seated(present, t);
  drawPeople(found, cases, t);
  drawLines(lines);
  drawRooms(present, cases, t);
  drawOutsideRooms(present, cases, t);
  drawCounters(countersAt(t, present));
  drawStaff(t);
  drawCases(t, cases);
  drawEvents(t);
}
