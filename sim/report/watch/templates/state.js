"use strict";
// What holds at a moment of a day in one design, read from the record; nothing is simulated here.

const handed = JSON.parse(document.getElementById("handed").textContent);
const { say, names } = handed;
const CITY = handed.city; // the designs are its houses
const TWO = !CITY && handed.designs.length > 1;
const AREA = handed.areas;
const OUTCOME = Object.fromEntries(handed.outcomes.map((name, number) => [name, number]));
const UNSERVED = ["reneged", "balked", "no_space", "dismissed_at_close"];
const WAITING = new Set([AREA.street, AREA.desk_line, AREA.service_line, AREA.line]);
const OFF_SITE = 2;
const SHOWN_AFTER_LEAVING = 4; // minutes that somebody who left without a place is shown

/** How many of the times, in order, are not after t. */
function upTo(times, t) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1; else high = middle;
  }
  return low;
}

/** The value of a series that holds at t. */
function valueAt([times, values], t) {
  return values[Math.max(0, upTo(times, t) - 1)];
}

/** How many places of a room are out of order at t, in its hours. */
function outOfOrder(room, t) {
  return room.series.out_of_order ? valueAt(room.series.out_of_order, t) : 0;
}

/** From rows of (place, start, end or null) to whether one of a place is under way at t. */
function underWay(rows) {
  const places = new Map();
  for (const [slot, start, end] of [...rows].sort(([, one], [, other]) => one - other)) {
    if (!places.has(slot)) places.set(slot, { starts: [], ends: [] });
    places.get(slot).starts.push(start);
    places.get(slot).ends.push(end ?? Infinity);
  }
  return (slot, t) => {
    const of = places.get(slot), number = of ? upTo(of.starts, t) - 1 : -1;
    return number >= 0 && of.ends[number] > t;
  };
}

const inOrder = (one, other) => one - other;
const LEFT_WITHOUT = new Set([...UNSERVED, "closed"].map((reason) => OUTCOME[reason]));

/** A day in one design; `goOn` are visits after which people go elsewhere or come back. */
class Record {
  constructor(day, goOn = new Set()) {
    this.day = day;
    this.visits = day.visits.map(([row, kind, outcome, came, path]) => ({
      row, kind, outcome, came,
      times: path.map((step) => step[0]),
      steps: path.map(([time, area, number, slot]) => ({ time, area, number, slot })),
    }));
    for (const visit of this.visits) {
      const last = visit.steps[visit.steps.length - 1];
      visit.over = last.area === AREA.gone ? last.time : Infinity;
    }
    this.arrivals = this.visits.map((visit) => visit.came);
    this.cameBefore = this.arrivals.filter((time) => time < day.start).length;
    this.byRow = new Map(this.visits.map((visit) => [visit.row, visit]));
    this.ends = handed.outcomes.map((_, outcome) => // when visits ended, by outcome
      this.visits.filter((visit) => visit.outcome === outcome && visit.over < Infinity)
        .map((visit) => visit.over).sort(inOrder));
    const onsets = (offSite) => day.overdoses
      .filter((one) => (one.where === OFF_SITE) === offSite && one.onset >= day.start)
      .map((one) => one.onset);
    this.onSite = onsets(false);
    this.afterLeaving = onsets(true);
    this.without = this.visits.filter((visit) => LEFT_WITHOUT.has(visit.outcome) && visit.over < Infinity && !goOn.has(visit.row))
      .sort((one, other) => one.over - other.over);
    this.withoutTimes = this.without.map((visit) => visit.over);
    this.cleaning = day.rooms.map((room) => underWay(room.cleaning));
    this.broken = day.rooms.map((room) => underWay(room.out));
    this.happened = happenedOn(this);
    this.happenedTimes = this.happened.map((event) => event.time);
    this.tasks = new Map();
    for (const [row, start, end, roles] of day.tasks) {
      if (!this.tasks.has(row)) this.tasks.set(row, []);
      this.tasks.get(row).push({ start, end, roles });
    }
  }

  /** Everyone who is at the site or its door at t, with where they are. */
  presentAt(t) {
    const found = [];
    for (let index = 0, count = upTo(this.arrivals, t); index < count; index++) {
      const visit = this.visits[index];
      if (visit.over <= t) continue;
      const number = upTo(visit.times, t) - 1;
      if (number >= 0 && visit.steps[number].area !== AREA.gone) found.push({ visit, step: visit.steps[number] });
    }
    return found;
  }

  /** The counters at t; `present` are those of presentAt. */
  countersAt(t, present) {
    const ended = (outcome) => upTo(this.ends[OUTCOME[outcome]], t);
    let inside = 0, waiting = 0, used = 0, longest = 0;
    for (const { visit, step } of present) {
      if (step.area !== AREA.street) inside++;
      if (step.area === AREA.place || step.area === AREA.held) used++;
      if (!WAITING.has(step.area)) continue;
      waiting++;
      longest = Math.max(longest, waitedBy(visit, t));
    }
    const counts = {
      came: upTo(this.arrivals, t) - this.cameBefore, inside, waiting, used, longest,
      served: ended("served") + ended("service_only"),
      closed: ended("closed"),
      cut_short: ended("cut_short"),
      overdoses: upTo(this.onSite, t),
      overdoses_after: upTo(this.afterLeaving, t),
    };
    counts.unserved = 0;
    for (const reason of UNSERVED) counts.unserved += counts[reason] = ended(reason);
    return counts;
  }

  /** Those who left without a place during the last minutes, the latest first. */
  justLeft(t) {
    return this.without
      .slice(upTo(this.withoutTimes, t - SHOWN_AFTER_LEAVING), upTo(this.withoutTimes, t)).reverse();
  }

  /** Overdoses that staff are with, or that nobody has come to yet. */
  casesAt(t) {
    return this.day.overdoses.filter((one) => one.where !== OFF_SITE && one.onset <= t
      && (one.end === null || one.end > t));
  }

  /** How many places are open at t. */
  placesAt(t) {
    return this.day.rooms.reduce((sum, room) => sum + valueAt(room.series.open, t), 0);
  }

  /** People on duty whose shift is on at t and who are absent, by role. */
  absentAt(role, t) {
    let absent = 0;
    for (const [whose, , start, end, , away] of this.day.shifts) {
      if (whose === role && start <= t && t < end) absent += away;
    }
    return absent;
  }
}

/** Minutes that a visit has waited in lines until t. */
function waitedBy(visit, t) {
  let waited = 0;
  for (let number = 0; number < visit.steps.length; number++) {
    const step = visit.steps[number];
    if (step.time > t) break;
    if (!WAITING.has(step.area)) continue;
    const until = number + 1 < visit.steps.length ? visit.steps[number + 1].time : Infinity;
    waited += Math.min(until, t) - step.time;
  }
  return waited;
}

/** How many of the team are with the person at t. */
function helpersAt(one, t) {
  if (one.first === null || t < one.first) return 0;
  if (one.stable !== null && t >= one.stable) return one.observers;
  return one.team !== null && t >= one.team ? one.team_size : 1;
}

/** People of a role by what they do at t; `free` are on duty with nothing in hand. */
function staffAt(role, t) {
  const now = {};
  for (const name in role.series) now[name] = valueAt(role.series[name], t);
  const busy = now.respond + now.check_in + now.service + now.stay_task + now.clean;
  return {
    with_overdose: now.respond, at_check_in: now.check_in, at_service: now.service,
    at_stay_task: now.stay_task, at_cleaning: now.clean, on_break: now.on_break, overtime: now.overtime,
    free: now.on_duty + now.overtime - now.on_break - busy,
    off: Math.max(0, role.rostered - now.on_duty - now.overtime),
    here: now.on_duty + now.overtime,
  };
}
