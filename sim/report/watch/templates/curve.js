// The day at a glance, over the slider: who waits and, but for two designs, the places in use.

const curve = byId("curve"), labels = byId("labels"), nowLine = byId("now");
const SETTLED = 20; // minutes from opening until the crowd that waited for it is in
const FLATTENS = 1.3; // how much higher than the rest of the day that crowd may be drawn
const APART = 17; // per cent of the width between two labels

/** How many people are in some areas, as a series. */
function headcount({ visits, day }, areas) {
  const changes = [];
  for (const { steps } of visits) {
    steps.forEach((step, number) => {
      if (!areas.has(step.area)) return;
      changes.push([Math.max(step.time, day.start), 1]);
      if (number + 1 < steps.length) changes.push([Math.max(steps[number + 1].time, day.start), -1]);
    });
  }
  changes.sort(([one], [other]) => one - other);
  const times = [day.start], values = [0];
  for (const [time, change] of changes) {
    if (time >= day.end) break;
    if (times[times.length - 1] !== time) { times.push(time); values.push(values[values.length - 1]); }
    values[values.length - 1] += change;
  }
  return [times, values];
}

/** Several series as one, made from the values that hold together. */
function joinedSeries(series, made) {
  const times = [...new Set(series.flatMap(([when]) => when))].sort(inOrder);
  return [times, times.map((t) => made(...series.map((one) => valueAt(one, t))))];
}

const IN_PLACES = new Set([AREA.place, AREA.held]);

const sum = (...all) => all.reduce((total, one) => total + one, 0);

/** How many walk from one house to another, as a series. */
function walkers(between, day) {
  const walks = between.trips.filter(({ to, start, end }) => to !== NOWHERE && end > Math.max(start, day.start));
  const changes = walks.flatMap(({ start, end }) => [[Math.max(start, day.start), 1], [end, -1]]).filter(([time]) => time < day.end);
  const times = [...new Set([day.start, ...changes.map(([time]) => time)])].sort(inOrder);
  return [times, times.map((t) => changes.reduce((total, [time, by]) => (time <= t ? total + by : total), 0))];
}

function drawCurve(records, seekTo, between) {
  const { day } = records[0], span = day.end - day.start;
  const every = records.map((record) => headcount(record, WAITING));
  const waiting = CITY ? [joinedSeries(every, sum)] : every;
  const doors = joinedSeries(records.map((record) => record.day.series.open), Math.max);
  const opens = doors[0].find((_, index) => doors[1][index]) ?? day.start;
  const settled = opens + SETTLED;
  const most = ([times, values], from) => times.reduce((high, time, index) => (time >= from ? Math.max(high, values[index]) : high), 0);
  const here = CITY ? records : records.slice(0, 1);
  const used = joinedSeries(here.map((record) => headcount(record, IN_PLACES)), sum);
  const open = joinedSeries([[[day.start], [0]], ...here.flatMap((record) => record.day.rooms.map((room) => room.series.open))], sum);
  const way = CITY ? walkers(between, day) : null;
  const later = Math.max(1, ...waiting.map((one) => most(one, settled)), ...(TWO ? [] : [most(used, day.start), most(open, day.start)]));
  const crowd = Math.max(...waiting.map((one) => most(one, day.start)));
  const top = crowd <= FLATTENS * later ? Math.max(crowd, later) : later;
  const x = (t) => (1000 * (t - day.start) / span).toFixed(1);
  const y = (value) => (100 - 94 * Math.min(value / top, 1.06)).toFixed(1);
  const steps = ([times, values]) => times.map((time, index) => `${index ? `H${x(time)}V` : "M0 "}${y(values[index])}`).join("") + "H1000";
  const draw = (name, path) => curve.querySelector(`.${name}`).setAttribute("d", path);
  const area = (name, series) => draw(name, `${steps(series)}V100H0z`);
  const left = (t) => 100 * (t - day.start) / span, shown = [];
  // A label stands at the highest value that no other label is near to.
  const label = ([when, values], name, text, from = settled) => {
    let best = -1;
    when.forEach((time, index) => {
      const near = shown.some((other) => Math.abs(left(other.time) - left(time)) < APART);
      if (time >= from && values[index] > (best < 0 ? 0 : values[best]) && !near) best = index;
    });
    if (best >= 0) shown.push({ name, text, time: when[best], value: values[best] });
  };
  if (TWO) {
    const more = joinedSeries(waiting, (left, right) => (right > left ? right : 0));
    const fewer = joinedSeries(waiting, (left, right) => (left > right ? left : 0));
    area("curve-more", more);
    area("curve-fewer", fewer);
    area("curve-waiting", joinedSeries(waiting, Math.min));
    const { name } = handed.designs[1];
    label(joinedSeries(waiting, (left, right) => Math.max(0, right - left)), "more", tell("curve_more", { name }));
    label(joinedSeries(waiting, (left, right) => Math.max(0, left - right)), "fewer", tell("curve_fewer", { name }));
  } else {
    area("curve-used", used);
    if (CITY) area("curve-way", joinedSeries([waiting[0], way], sum));
    area("curve-waiting", waiting[0]);
    draw("curve-open", steps(open));
    label(waiting[0], "waiting", say.curve_waiting);
    label(open, "open", say.curve_open, day.start);
    if (CITY) label(way, "way", say.curve_way, day.start);
    label(used, "used", say.curve_used, settled);
  }
  if (crowd > top) label(waiting[0], "both", tell("curve_crowd", { number: most(waiting[0], day.start) }), day.start);
  const [times, values] = CITY ? doors : day.series.open;
  draw("shut", times.map((time, index) => (values[index] ? "" : `M${x(time)} 0H${x(times[index + 1] ?? day.end)}V100H${x(time)}z`)).join(""));
  drawLabels(shown, left, (value) => 94 * Math.min(value / top, 1));
  drawMarks(records, left, seekTo);
  drawHours(day, left);
  return (t) => {
    const at = `${left(t).toFixed(2)}%`;
    if (nowLine.style.left !== at) nowLine.style.left = at;
  };
}

function drawLabels(shown, left, high) {
  labels.replaceChildren(...shown.map(({ name, text, time, value }) => {
    const at = left(time), element = Object.assign(document.createElement("span"), { className: name, textContent: text });
    element.style.bottom = `${Math.min(high(value), 80)}%`;
    if (at > 60) element.style.right = `${100 - at}%`; else element.style.left = `${at}%`;
    return element;
  }));
}

/** A button for each overdose on site, in either design, that leads there. */
function drawMarks(records, left, seekTo) {
  const onsets = new Set();
  byId("marks").replaceChildren();
  for (const { onSite } of records) for (const onset of onSite) onsets.add(onset);
  for (const onset of [...onsets].sort(inOrder)) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "!" });
    const text = tell("go_to_overdose", { time: clock(onset) });
    button.setAttribute("aria-label", text);
    button.title = text;
    button.style.left = `${left(onset)}%`;
    button.addEventListener("click", () => seekTo(onset - 1));
    byId("marks").append(button);
  }
}

function drawHours(day, left) {
  const every = 120, hours = byId("hours");
  hours.replaceChildren();
  for (let t = midnight + every * Math.ceil((day.start - midnight) / every); t <= day.end; t += every) {
    const hour = Object.assign(document.createElement("span"), { textContent: clock(t) });
    hour.style.left = `${left(t)}%`;
    hours.append(hour);
  }
}
