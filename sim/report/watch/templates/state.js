"use strict";
// What holds at a moment of the day, read from the record; nothing is simulated here.

const handed = JSON.parse(document.getElementById("handed").textContent);
const { day, say, names } = handed;
const AREA = day.areas;
const OUTCOME = Object.fromEntries(day.outcomes.map((name, number) => [name, number]));
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

const visits = day.visits.map(([row, kind, outcome, came, path]) => ({
  row, kind, outcome, came,
  times: path.map((step) => step[0]),
  steps: path.map(([time, area, number, slot]) => ({ time, area, number, slot })),
}));
for (const visit of visits) {
  const last = visit.steps[visit.steps.length - 1];
  visit.over = last.area === AREA.gone ? last.time : Infinity;
}
const arrivals = visits.map((visit) => visit.came);
const cameBefore = upTo(arrivals, day.start) - arrivals.filter((time) => time === day.start).length;
const visitOfRow = new Map(visits.map((visit) => [visit.row, visit]));

/** When visits ended, in order, by outcome. */
const ends = day.outcomes.map((_, outcome) =>
  visits.filter((visit) => visit.outcome === outcome && visit.over < Infinity)
    .map((visit) => visit.over).sort((one, other) => one - other));
const onsets = (offSite) => day.overdoses
  .filter((one) => (one.where === OFF_SITE) === offSite && one.onset >= day.start)
  .map((one) => one.onset);
const onSite = onsets(false), afterLeaving = onsets(true);

/** The step that a visit is at; null before it comes and when it is over. */
function stepAt(visit, t) {
  const number = upTo(visit.times, t) - 1;
  if (number < 0 || visit.steps[number].area === AREA.gone) return null;
  return number;
}

/** Minutes that a visit has waited in lines until t. */
function waitedBy(visit, t) {
  let waited = 0;
  visit.steps.forEach((step, number) => {
    if (!WAITING.has(step.area) || step.time > t) return;
    const until = number + 1 < visit.steps.length ? visit.steps[number + 1].time : Infinity;
    waited += Math.min(until, t) - step.time;
  });
  return waited;
}

/** Everyone who is at the site or its door at t, with where they are. */
function presentAt(t) {
  const found = [];
  for (let index = 0, count = upTo(arrivals, t); index < count; index++) {
    const visit = visits[index];
    if (visit.over <= t) continue;
    const number = stepAt(visit, t);
    if (number !== null) found.push({ visit, step: visit.steps[number] });
  }
  return found;
}

/** The counters at t; `present` are those of presentAt. */
function countersAt(t, present) {
  const ended = (outcome) => upTo(ends[OUTCOME[outcome]], t);
  const lines = present.filter(({ step }) => WAITING.has(step.area));
  const counts = {
    came: upTo(arrivals, t) - cameBefore,
    inside: present.filter(({ step }) => step.area !== AREA.street).length,
    waiting: lines.length,
    longest: lines.reduce((most, { visit }) => Math.max(most, waitedBy(visit, t)), 0),
    served: ended("served") + ended("service_only"),
    closed: ended("closed"),
    cut_short: ended("cut_short"),
    overdoses: upTo(onSite, t),
    overdoses_after: upTo(afterLeaving, t),
  };
  for (const reason of UNSERVED) counts[reason] = ended(reason);
  counts.unserved = UNSERVED.reduce((sum, reason) => sum + counts[reason], 0);
  return counts;
}

const LEFT_WITHOUT = new Set([...UNSERVED, "closed"].map((reason) => OUTCOME[reason]));
const without = visits.filter((visit) => LEFT_WITHOUT.has(visit.outcome) && visit.over < Infinity)
  .sort((one, other) => one.over - other.over);
const withoutTimes = without.map((visit) => visit.over);

/** Those who left without a place during the last minutes, the latest first. */
function justLeft(t) {
  return without.slice(upTo(withoutTimes, t - SHOWN_AFTER_LEAVING), upTo(withoutTimes, t)).reverse();
}

/** Overdoses that staff are with, or that nobody has come to yet. */
function casesAt(t) {
  return day.overdoses.filter((one) => one.where !== OFF_SITE && one.onset <= t
    && (one.end === null || one.end > t));
}

/** How many of the team are with the person at t. */
function helpersAt(one, t) {
  if (one.first === null || t < one.first) return 0;
  if (one.stable !== null && t >= one.stable) return one.observers;
  return one.team !== null && t >= one.team ? one.team_size : 1;
}

/** People of a role by what they do at t; `free` are on duty with nothing in hand. */
function staffAt(role, t) {
  const now = Object.fromEntries(
    Object.entries(role.series).map(([name, steps]) => [name, valueAt(steps, t)]));
  const busy = now.respond + now.check_in + now.service + now.stay_task + now.clean;
  return {
    with_overdose: now.respond, at_check_in: now.check_in, at_service: now.service,
    at_stay_task: now.stay_task, at_cleaning: now.clean, on_break: now.on_break, overtime: now.overtime,
    free: now.on_duty + now.overtime - now.on_break - busy,
    off: Math.max(0, role.rostered - now.on_duty - now.overtime),
  };
}
