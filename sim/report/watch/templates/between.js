// Between the houses of a city: the streets, who walks on them, and who means to come back later.

const NOWHERE = -1; // in place of a house
const LANES = 3; // people who set out together walk side by side, and then behind each other

/** Somebody between two doors, from start until before end. */
function asTrip([need, kind, start, end, leaves, visit, to]) {
  return { need, kind, start, end: end ?? Infinity, leaves, visit, to };
}

/** Where somebody is who has walked so far on a way, and in which direction they go. */
function onWay(points, walked) {
  for (let number = 1; number < points.length; number++) {
    const [x, y] = points[number - 1], [across, down] = [points[number][0] - x, points[number][1] - y];
    const length = Math.hypot(across, down);
    if (walked <= length || number === points.length - 1) {
      const share = length ? Math.min(1, walked / length) : 0;
      return [x + share * across, y + share * down, length ? across / length : 0, length ? down / length : 0];
    }
    walked -= length;
  }
  return [...points[0], 0, 0];
}

const lengthOf = (points) => points.reduce((sum, [x, y], number) => (
  number ? sum + Math.hypot(x - points[number - 1][0], y - points[number - 1][1]) : 0), 0);

class Between {
  constructor(plans) {
    Object.assign(this, { plans, people: new Map(), trips: [], starts: [], fates: {} });
    this.root = document.querySelector(".designs");
    this.layer = this.root.querySelector(".between");
    [this.paved, this.spurs, this.middle] = this.root.querySelectorAll(".roads path");
    this.slots = [...this.root.querySelectorAll("[data-away]")];
    this.streets = this.plans.map(({ root }) => root.querySelector(".street"));
  }

  /** Show another day. */
  take({ trips, fates }) {
    for (const { element } of this.people.values()) element.remove();
    this.people.clear();
    this.trips = trips.map(asTrip);
    this.fates = fates;
    const together = new Map();
    for (const trip of this.trips) {
      const key = `${trip.start} ${trip.leaves} ${trip.to}`;
      trip.rank = together.get(key) ?? 0;
      together.set(key, trip.rank + 1);
    }
    this.starts = this.trips.map(({ start }) => start);
  }

  /** Of a house, the visits after which people go on to another or come back later. */
  goOnFrom(house) {
    return new Set(this.trips.filter(({ leaves }) => leaves === house).map(({ visit }) => visit));
  }

  /** Put the houses in rows, with a way down at their left where there is more than one. */
  lay() {
    this.root.classList.remove("rows");
    const levels = new Set(this.plans.map(({ root }) => Math.round(root.getBoundingClientRect().bottom)));
    this.root.classList.toggle("rows", levels.size > 1);
  }

  /** Where the doors and the streets are; measured again when the page changes its width. */
  measure() {
    const all = this.root.getBoundingClientRect(), road = parseFloat(getComputedStyle(this.root).rowGap);
    const several = this.root.classList.contains("rows");
    this.width = all.width;
    this.lane = several ? road / 2 : 0;
    this.size = this.plans[0].figure;
    this.doors = this.streets.map((street) => {
      const box = street.getBoundingClientRect();
      return [box.left - all.left + 24, box.bottom - all.top];
    });
    this.levels = this.plans.map(({ root }) => Math.round(root.getBoundingClientRect().bottom - all.top + road / 2));
    const levels = [...new Set(this.levels)].sort(inOrder);
    const streets = levels.map((y) => `M${this.lane} ${y}H${this.width}`);
    if (several) streets.push(`M${this.lane} ${levels[0]}V${levels[levels.length - 1]}`);
    for (const path of [this.paved, this.middle]) path.setAttribute("d", streets.join(""));
    this.spurs.setAttribute("d", this.doors.map(([x, y], house) => `M${x} ${y}V${this.levels[house]}`).join(""));
    this.spots = this.slots.map((slot) => {
      const box = slot.getBoundingClientRect();
      return [box.left - all.left + box.width / 2, box.top - all.top + box.height / 2];
    });
    this.ways = new Map();
    for (const person of this.people.values()) person.spot = null;
  }

  /** From one door to another along the streets; who comes from elsewhere comes from the right. */
  way(leaves, to) {
    const key = `${leaves} ${to}`;
    if (!this.ways.has(key)) {
      const [x, y] = this.doors[to], level = this.levels[to], points = [];
      if (leaves === NOWHERE) points.push([this.width, level]);
      else {
        points.push(this.doors[leaves], [this.doors[leaves][0], this.levels[leaves]]);
        if (this.levels[leaves] !== level) points.push([this.lane, this.levels[leaves]], [this.lane, level]);
      }
      points.push([x, level], [x, y]);
      this.ways.set(key, { points, length: lengthOf(points) });
    }
    return this.ways.get(key);
  }

  /** Who walks at t, and who means to come back later. */
  at(t) {
    const walking = [], away = [];
    for (let index = 0, count = upTo(this.starts, t); index < count; index++) {
      const trip = this.trips[index];
      if (trip.end > t) (trip.to === NOWHERE ? away : walking).push(trip);
    }
    return { walking, away };
  }

  /** Draw the moment t; `moves` says whether people are seen to walk. */
  draw(t, moves) {
    const { walking, away } = this.at(t), here = new Set([...walking, ...away]);
    for (const [trip, person] of this.people) {
      if (here.has(trip)) continue;
      this.people.delete(trip);
      if (moves && trip.to === NOWHERE) {
        person.element.classList.add("gone");
        setTimeout(() => person.element.remove(), 500);
      } else person.element.remove();
    }
    const before = new Map(); // how many are on the same way
    for (const trip of walking) {
      const key = `${trip.leaves} ${trip.to}`, number = before.get(key) ?? 0;
      before.set(key, number + 1);
      this.walk(trip, t, number);
    }
    away.slice(0, this.spots.length).forEach((trip, number) => {
      const person = this.person(trip, "stands"), door = person.spot === undefined && trip.leaves !== NOWHERE && this.doors[trip.leaves];
      if (person.spot !== number) place(person, this.spots[number], door, moves);
      person.spot = number;
      write(person.label, String(Math.floor(t - trip.start)));
    });
    write(byId("away-number"), away.length ? numbers.format(away.length) : say.nobody_now);
    write(byId("away-more"), away.length > this.spots.length ? `+${away.length - this.spots.length}` : "");
    return { walking, away };
  }

  person(trip, how) {
    let person = this.people.get(trip);
    if (!person) {
      const kind = handed.shapes[trip.kind];
      person = { element: figure(`person ${how} kind-${kind}`, `shape-${kind}`), spot: undefined };
      person.label = person.element.lastChild;
      this.people.set(trip, person);
      this.layer.append(person.element);
    }
    return person;
  }

  /** Who wants little motion sees them stand in line half-way. */
  walk(trip, t, number) {
    const person = this.person(trip, "walks"), { points, length } = this.way(trip.leaves, trip.to);
    const share = little.matches ? 0.5 : (t - trip.start) / (trip.end - trip.start);
    const behind = this.size * (little.matches ? number : Math.floor(trip.rank / LANES));
    const [x, y, across, down] = onWay(points, Math.max(0, share * length - behind));
    const aside = 0.24 * this.size * ((trip.rank + 1) % LANES - 1);
    person.element.style.transform = shift([x - aside * down, y + aside * across]);
    write(person.label, String(Math.floor(t - trip.start)));
  }

  /** The counters of all houses together. */
  countersAt(t, houses, { walking, away }) {
    const found = { way: walking.length, away: away.length };
    for (const name of ["used", "waiting", "inside", "overdoses", "overdoses_after"]) {
      found[name] = houses.reduce((sum, one) => sum + one[name], 0);
    }
    found.longest = Math.max(...houses.map(({ longest }) => longest));
    for (const fate in this.fates) found[fate] = upTo(this.fates[fate], t);
    found.met_elsewhere = found.elsewhere;
    found.met_back = found.came_back;
    found.met = found.first_wish + found.elsewhere + found.came_back;
    found.unmet = Object.keys(this.fates).reduce((sum, fate) => (fate.startsWith("unmet_") ? sum + found[fate] : sum), 0);
    return found;
  }

  /** What happens in all houses and between them, in order, each with its house. */
  chronicle(records, day) {
    const happened = records.flatMap((record, house) => record.happened.map((event) => ({ ...event, house })));
    for (const { kind, start, end, leaves, to } of this.trips) {
      if (leaves === NOWHERE || start < day.start) continue;
      const gaps = { kind: named(kind), house: handed.designs[to]?.within, minutes: whole(end - start) };
      happened.push({ time: start, key: to === NOWHERE ? "event_comes_back" : "event_sets_out", gaps, notable: true, house: leaves });
    }
    happened.sort((one, other) => one.time - other.time);
    return { happened, happenedTimes: happened.map(({ time }) => time) };
  }
}
