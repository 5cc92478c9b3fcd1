// What stands beside the plan: overdoses and who comes, and what just happened.

const IN_FULL = 2; // overdoses that are over, told in full
const LATEST = 11; // events in the list

/** Who is with the overdoses that are under way, by role. */
function responders(t) {
  return day.roles.map((role) => [role.name, valueAt(role.series.respond, t)])
    .filter(([, count]) => count).map(([name, count]) => `${count} × ${named(name)}`).join(", ");
}

/** The lines about one overdose at t, and whether it is under way. */
function caseLines(one, t, under) {
  const since = (time) => whole(Math.floor(t - time)), after = (time) => oneDecimal.format(time - one.onset);
  const lines = [tell("case", { time: clock(one.onset), place: whereIs(one), severity: named(one.severity) })];
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
  const staff = over ? "" : responders(t);
  if (staff) lines.push(tell(under > 1 ? "case_staff_all" : all ? "case_staff_there" : "case_staff", { staff }));
  if (!over && one.interrupted) lines.push(tell("case_interrupted", { number: one.interrupted }));
  return [lines, !over];
}

function drawCases(t, cases) {
  const box = byId("cases");
  if (!box) return;
  const told = day.overdoses.filter((one) => one.onset <= t).reverse()
    .map((one) => caseLines(one, t, cases.length))
    .map(([lines, under], number) => [under || number < IN_FULL ? lines : lines.slice(0, 1), under]);
  const text = JSON.stringify(told);
  if (box.shown === text) return;
  box.shown = text;
  box.replaceChildren(...told.map(([lines, now]) => {
    const element = Object.assign(document.createElement("div"), { className: now ? "case now" : "case past" });
    element.append(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    return element;
  }));
  if (!told.length) box.textContent = say.no_cases;
}

function drawEvents(t) {
  const list = byId("events"), notable = byId("notable").checked, latest = upTo(happenedTimes, t);
  if (list.latest === latest && list.notable === notable) return;
  Object.assign(list, { latest, notable });
  const told = [];
  for (let index = latest - 1; index >= 0 && told.length < LATEST; index--) {
    if (!notable || happened[index].notable) told.push(happened[index]);
  }
  list.replaceChildren(...told.map((event) => {
    const item = document.createElement("li");
    if (event.notable) item.className = "notable";
    const time = Object.assign(document.createElement("time"), { textContent: clock(event.time) });
    item.append(time, tell(event.key, event.gaps));
    return item;
  }));
  if (!told.length) list.replaceChildren(Object.assign(document.createElement("li"), { textContent: say.nothing_yet }));
}
