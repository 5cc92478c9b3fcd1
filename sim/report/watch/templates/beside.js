// What stands beside the plans: the title, the counters, staff, overdoses, what just happened.

const IN_FULL = 2; // overdoses that are over, told in full
const LATEST = 11; // events in the list
const HEARD = 3; // of them beside the counters

const titleBox = byId("title");

function drawTitle(shown, t) {
  const [times, which, texts] = shown.titles;
  write(titleBox, texts[which[Math.max(0, upTo(times, t + 1e-6) - 1)]]);
}

const counters = [...document.querySelectorAll("[data-count]")], placesOf = [...document.querySelectorAll("[data-places]")];
function drawCounters(plans, presents, t, between, onWay) {
  const all = plans.map((plan, number) => plan.record.countersAt(t, presents[number]));
  const city = between?.countersAt(t, all, onWay);
  for (const element of counters) {
    const { count, of } = element.dataset, value = (of === undefined ? city : all[of])[count];
    write(element, count === "longest" ? tell("minutes", { number: whole(value) }) : numbers.format(value));
  }
  const places = plans.map((plan) => plan.record.placesAt(t));
  for (const element of placesOf) {
    const number = places[element.dataset.places];
    write(element, number ? tell("of_places", { number }) : "");
  }
  if (city) {
    write(byId("places"), tell("of_places", { number: places.reduce((sum, one) => sum + one, 0) }));
    write(byId("away-count"), city.away ? tell("away_now", { number: city.away }) : "");
  } else {
    write(byId("places"), places.every((one) => one === places[0]) ? tell("of_places", { number: places[0] })
      : tell("of_places_two", { left: places[0], right: places[1] }));
  }
  const after = (city ?? all[0]).overdoses_after;
  write(byId("overdoses-after"), after ? tell("overdoses_after", { number: after }) : "");
}

const rows = [...document.querySelectorAll("tr[data-role]")].map((row) => ({
  row, role: row.dataset.role, of: Number(row.closest("[data-of]").dataset.of),
  note: row.querySelector(".note"), cells: [...row.querySelectorAll("td")],
}));
const figures = (count) => '<svg aria-hidden="true"><use href="#figure"/></svg>'.repeat(count);

function drawStaff(plans, t) {
  for (const { row, role: name, of, note, cells } of rows) {
    const role = plans[of].record.day.roles.find((one) => one.name === name);
    hide(row, !role);
    if (!role) continue;
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
}

/** Who is with the overdoses that are under way, by role. */
function responders(day, t) {
  return day.roles.map((role) => [role.name, valueAt(role.series.respond, t)])
    .filter(([, count]) => count).map(([name, count]) => `${count} × ${named(name)}`).join(", ");
}

/** The lines about one overdose at t, and whether it is under way. */
function caseLines(day, one, t, under) {
  const since = (time) => whole(Math.floor(t - time)), after = (time) => oneDecimal.format(time - one.onset);
  const lines = [tell("case", { time: clock(one.onset), place: whereIs(day, one), severity: named(one.severity) })];
  if (one.where === OFF_SITE) return [[...lines, say.case_nobody], false];
  const came = one.first !== null && one.first <= t, all = one.team !== null && one.team <= t;
  const stable = one.stable !== null && one.stable <= t, over = one.end !== null && one.end <= t;
  if (came) lines.push(tell("case_first", { time: clock(one.first), minutes: after(one.first) }));
  else if (one.team_size) lines.push(tell("case_waits", { minutes: since(one.onset) }));
  if (all && one.team_size > 1) lines.push(tell("case_team", { time: clock(one.team), number: one.team_size, minutes: after(one.team) }));
  else if (came && one.team_size > 1 && !stable) lines.push(say.case_gathering);
  if (stable) lines.push(tell("case_stable", { time: clock(one.stable) }));
  if (over) lines.push(tell(one.ambulance ? "case_end_ambulance" : "case_end", { time: clock(one.end) }));
  else if (stable) lines.push(tell(one.observers ? "case_observed_by" : "case_observed", { number: one.observers, minutes: since(one.stable) }));
  else if (came) lines.push(tell("case_intensive", { minutes: since(one.first) }));
  if (!over && one.ambulance) lines.push(say.case_ambulance);
  const staff = over ? "" : responders(day, t);
  if (staff) lines.push(tell(under > 1 ? "case_staff_all" : all ? "case_staff_there" : "case_staff", { staff }));
  if (!over && one.interrupted) lines.push(tell("case_interrupted", { number: one.interrupted }));
  return [lines, !over];
}

const told = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

const caseBoxes = [...document.querySelectorAll(".cases")];
function drawCases(plans, t) {
  for (const box of caseBoxes) {
    const those = CITY ? plans : [plans[Number(box.dataset.of)]];
    const cases = those.flatMap(({ record, number }) => {
      const under = record.casesAt(t).length;
      return record.day.overdoses.filter((one) => one.onset <= t).map((one) => {
        const [[first, ...lines], now] = caseLines(record.day, one, t, under);
        return { onset: one.onset, told: [[CITY ? `${handed.designs[number].name}: ${first}` : first, ...lines], now] };
      });
    }).sort((one, other) => other.onset - one.onset).map(({ told: lines }) => lines)
      .map(([lines, now], number) => [now || number < IN_FULL ? lines : lines.slice(0, 1), now]);
    const text = JSON.stringify(cases);
    if (box.shown === text) continue;
    box.shown = text;
    box.replaceChildren(...cases.map(([lines, now]) => {
      const element = Object.assign(document.createElement("div"), { className: now ? "case now" : "case past" });
      element.append(...lines.map((line) => told("p", line)));
      return element;
    }));
    if (!cases.length) box.textContent = say.no_cases;
  }
}

/** The latest events, the last first. */
function latest(record, t, most, notable) {
  const found = [];
  for (let index = upTo(record.happenedTimes, t) - 1; index >= 0 && found.length < most; index--) {
    if (!notable || record.happened[index].notable) found.push(record.happened[index]);
  }
  return found;
}

function eventItem(event) {
  const item = document.createElement("li");
  if (event.notable) item.className = "notable";
  item.append(told("time", clock(event.time)), saying(event));
  return item;
}

const eventLists = [...document.querySelectorAll(".events")], heard = byId("latest");
/** Draw what happened in each design; of a city there is one chronicle of all its houses. */
function drawEvents(chronicles, t) {
  const notable = byId("notable").checked;
  for (const list of eventLists) {
    const chronicle = chronicles[Number(list.dataset.of)];
    const until = `${upTo(chronicle.happenedTimes, t)} ${notable}`;
    if (list.shown === until) continue;
    list.shown = until;
    const events = latest(chronicle, t, LATEST, notable);
    list.replaceChildren(...(events.length ? events.map(eventItem) : [told("li", say.nothing_yet)]));
  }
  const newest = chronicles.map(({ happenedTimes }) => upTo(happenedTimes, t)).join();
  if (heard.newest === newest && heard.of === shown) return;
  Object.assign(heard, { newest, of: shown });
  // What both designs tell alike is said once; what only one does, with its name.
  const events = chronicles.flatMap((chronicle, number) => latest(chronicle, t, HEARD, true)
    .map((event) => ({ event, number, text: saying(event) })));
  events.sort((one, other) => other.event.time - one.event.time);
  const lines = [];
  for (const { event, number, text } of events) {
    const line = `${clock(event.time)} ${text}`, twin = lines.find((one) => one.line === line);
    if (twin) twin.both = true; else lines.push({ line, number, both: false });
  }
  const said = lines.slice(0, HEARD).map(({ line, number, both }) => (TWO && !both ? `${handed.designs[number].name}: ${line}` : line));
  const text = said.join("\n") || say.nothing_yet;
  if (heard.shown === text) return;
  heard.shown = text;
  heard.replaceChildren(...text.split("\n").map((line) => told("p", line)));
}
