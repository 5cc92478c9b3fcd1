// What happened, in order and in words.

/** A text with its gaps filled. */
function tell(key, gaps = {}) {
  return say[key].replace(/\{(\w+)\}/g, (whole, gap) => (gap in gaps ? gaps[gap] : whole));
}

const numbers = new Intl.NumberFormat(document.documentElement.lang);
const oneDecimal = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const whole = (minutes) => numbers.format(Math.round(minutes));

let midnight = 0; // of the day that is shown, which play.js chooses

/** A time of day; after midnight it is the next day's. */
function clock(t) {
  const minutes = Math.floor(t - midnight + 1e-6);
  const two = (number) => String(number).padStart(2, "0");
  return handed.clock.replace("{hour}", two(Math.floor(minutes / 60) % 24))
    .replace("{minute}", two(minutes % 60));
}

/** An event as a sentence; in a city with its house. */
const saying = ({ key, gaps, house }) => (house === undefined ? tell(key, gaps) : `${handed.designs[house].name}: ${tell(key, gaps)}`);

const named = (own) => names[own] ?? own;
const roomName = (day, number) => named(day.rooms[number].name);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Where an overdose is. */
function whereIs(day, one) {
  if (one.where === OFF_SITE) return say.case_off_site;
  if (one.place < 0) return say.case_aftercare;
  return tell("case_place", { room: roomName(day, one.room), place: one.place + 1 });
}

/** All events of a day, in order: time, key of the text, its gaps, whether it is unusual. */
function happenedOn(record) {
  const { day, visits } = record, found = [];
  const add = (time, key, gaps, notable = false) => {
    if (time !== null && time >= day.start && time <= day.end) found.push({ time, key, gaps, notable });
  };
  tellSeries(day, add); // of one instant the calendar comes first
  for (const [role, name, start, end, number, absent] of day.shifts) {
    const gaps = { number, absent, role: named(role), name: name ? ` (${named(name)})` : "" };
    add(start, absent ? "event_shift_absent" : "event_shift", gaps, true);
    if (number > absent) add(end, "event_shift_end", { ...gaps, number: number - absent }, true);
  }
  for (const visit of visits) tellVisit(day, visit, add);
  for (const one of day.overdoses) tellCase(day, one, add);
  return found.sort((one, other) => one.time - other.time);
}

function tellVisit(day, visit, add) {
  const kind = named(day.kinds[visit.kind].name);
  visit.steps.forEach((step, number) => {
    const before = number ? visit.steps[number - 1] : null;
    const room = day.rooms[step.number] && roomName(day, step.number);
    if (!before && step.area !== AREA.gone && step.area !== AREA.street) add(step.time, "event_came", { kind });
    if (before && before.area === AREA.street && step.area !== AREA.gone) add(step.time, "event_came", { kind });
    if (before && [AREA.place, AREA.held].includes(before.area) && ![AREA.held].includes(step.area)) {
      const entered = visit.steps.find((one) => one.area === AREA.place).time;
      add(step.time, "event_left",
        { place: before.slot + 1, room: roomName(day, before.number), minutes: whole(step.time - entered) });
    }
    if (step.area === AREA.place) {
      const minutes = Math.round(waitedBy(visit, step.time));
      add(step.time, minutes ? "event_entered" : "event_entered_at_once",
        { kind, place: step.slot + 1, room, minutes: numbers.format(minutes) });
    }
    if (step.area === AREA.service) {
      const asked = before && before.area === AREA.service_line ? before.time : step.time;
      add(step.time, "event_service",
        { service: capital(named(day.services[step.number])), minutes: whole(step.time - asked) });
    }
    if (step.area === AREA.seat) add(step.time, "event_rests", {});
  });
  const reason = handed.outcomes[visit.outcome];
  if ([...UNSERVED, "closed", "cut_short"].includes(reason)) {
    add(visit.over, `event_${reason}`, { kind, minutes: whole(waitedBy(visit, visit.over)) }, reason !== "closed");
  }
}

function tellCase(day, one, add) {
  add(one.onset, "event_overdose", { place: whereIs(day, one) }, true);
  if (one.where === OFF_SITE) return;
  const after = (time) => (time === null ? "" : oneDecimal.format(time - one.onset));
  if (one.first !== one.team || one.team_size < 2) add(one.first, "event_first", { minutes: after(one.first) }, true);
  if (one.team_size > 1) add(one.team, "event_team", { minutes: after(one.team), number: one.team_size }, true);
  if (one.stable !== one.end) add(one.stable, "event_stable", {}, true);
  add(one.end, one.ambulance ? "event_ambulance" : "event_case_end", {}, true);
}

function tellSeries(day, add) {
  const changes = ([times, values], told) => times.forEach((time, number) => {
    if (number) told(time, values[number], values[number - 1]);
  });
  changes(day.series.open, (time, value) => add(time, value ? "event_open" : "event_close", {}, true));
  const doors = new Set(day.series.open[0]);
  day.rooms.forEach((room, number) => {
    const gaps = { room: capital(roomName(day, number)) };
    changes(room.series.open, (time, value, before) => {
      // Of places that come and go while it is open others tell; one may be the last, or the first.
      const others = Boolean(value) === Boolean(before) || outOfOrder(room, value ? time - 1e-6 : time);
      if (!doors.has(time) && !others) add(time, value ? "event_room_open" : "event_room_close", gaps, true);
    });
    changes(room.limits, (time, value) => add(time, "event_places", { ...gaps, number: value }, true));
    for (const [slot, start, end] of room.out) {
      add(start, "event_out", { ...gaps, place: slot + 1 }, true);
      add(end, "event_back", { ...gaps, place: slot + 1 }, true);
    }
    changes(room.series.paused, (time, value) => {
      if (value || valueAt(room.series.open, time)) add(time, value ? "event_paused" : "event_resumed", gaps, true);
    });
  });
  for (const role of day.roles) {
    changes(role.series.on_break, (time, value, before) => {
      add(time, value > before ? "event_break" : "event_break_end", { role: named(role.name) }, true);
    });
  }
}
