// Time: which day, play, pause, speed, the slider and the keys.

const slider = byId("slider"), clockFace = byId("clock"), playButton = byId("play"), spoken = byId("spoken");
const dayChoice = byId("day"), replicationChoice = byId("replication"), shownDesigns = document.querySelector(".designs");
const SLOWLY = 1; // minutes a second during an overdose
const SEEN_AS_ONE = 2; // a jump of more minutes than this is not shown as movement
const JUMP = 10, LONG_JUMP = 15, HOUR = 60;
const little = matchMedia("(prefers-reduced-motion: reduce)");

const plans = [...document.querySelectorAll(".design")].map((root, number) => new Plan(root, number));
if (TWO) plans.forEach((plan, number) => { plan.other = plans[1 - number]; });
const between = CITY ? new Between(plans) : null;
let chronicles = []; // what happens: design by design, of a city in all houses together
let shown = null, day = null, now = 0, playing = false, last = null, announced = 0, drawNow = () => {};

/** Draw the moment now in every design: one clock for all. */
function draw(moves) {
  const presents = plans.map((plan) => plan.draw(now, moves && !little.matches));
  const onWay = between?.draw(now, moves && !little.matches);
  drawTitle(shown, now);
  drawCounters(plans, presents, now, between, onWay);
  drawStaff(plans, now);
  drawCases(plans, now);
  drawEvents(chronicles, now);
  drawNow(now);
}

function show(t, moves = true) {
  now = Math.min(Math.max(t, day.start), day.end);
  draw(moves);
  write(clockFace, clock(now));
  slider.value = String(Math.floor(now - day.start));
  slider.setAttribute("aria-valuetext", clock(now));
}

/** Go to a moment: nobody walks there. */
function seek(t) {
  for (const { plan } of plans) plan.classList.add("still");
  show(t, false);
  announced = upTo(chronicles[0].happenedTimes, now);
  void shownDesigns.offsetWidth;
  for (const { plan } of plans) plan.classList.remove("still");
}

function nudge(minutes) {
  if (Math.abs(minutes) > SEEN_AS_ONE) seek(now + minutes); else show(now + minutes);
}

function speed() {
  const wanted = Number(byId("speed").value), slow = byId("slow")?.checked;
  const urgent = slow && plans.some(({ record }) => record.casesAt(now).some((one) => one.stable === null || one.stable > now));
  return urgent ? Math.min(wanted, SLOWLY) : wanted;
}

function frame(time) {
  if (!playing) return;
  if (last !== null) {
    show(now + speed() * Math.min(time - last, 250) / 1000);
    announce();
  }
  last = time;
  if (now >= day.end) { pause(); return; }
  requestAnimationFrame(frame);
}

function play() {
  if (playing) return;
  if (now >= day.end) seek(opens());
  playing = true;
  last = null;
  label();
  requestAnimationFrame(frame);
}

function pause() {
  playing = false;
  label();
}

function label() {
  const text = playing ? playButton.dataset.pause : playButton.dataset.play;
  write(playButton.querySelector("span"), text);
  playButton.querySelector("path").setAttribute("d", playing ? "M2 1h4v14H2zM10 1h4v14h-4z" : "M3 1v14l11-7z");
}

/** Tell those who listen of what is unusual and rare: overdoses, and the doors. */
function announce() {
  const { happened, happenedTimes } = chronicles[0], until = upTo(happenedTimes, now);
  for (let index = announced; index < until; index++) {
    const { key, time } = happened[index];
    if (["event_overdose", "event_team", "event_open", "event_close"].includes(key)) spoken.textContent = `${clock(time)} ${saying(happened[index])}`;
  }
  announced = until;
}

/** A minute before the doors first open: where the day is taken up; of a city the first to open. */
function opens() {
  const first = plans.flatMap(({ record }) => {
    const [times, values] = record.day.series.open, which = values.findIndex((open, number) => open > 0 && (number || !CITY));
    return which < 0 ? [] : [times[which]];
  });
  return first.length ? Math.max(day.start, Math.min(...first) - 1) : day.start;
}

// --- which day -----------------------------------------------------------------------------------

const records = new Map(); // made when a day is first chosen

function recordsOf(number) {
  if (!records.has(number)) records.set(number, handed.days[number].designs.map((one, house) => new Record(one, between?.goOnFrom(house))));
  return records.get(number);
}

/** Show another day, at the same time of day. */
function choose(number) {
  const clockNow = day ? now - midnight : null;
  shown = handed.days[number];
  [day] = shown.designs;
  ({ midnight } = day);
  between?.take(shown.between);
  const made = recordsOf(number);
  plans.forEach((plan, which) => plan.take(made[which], shown.apart));
  chronicles = between ? [between.chronicle(made, day)] : made;
  for (const fact of document.querySelectorAll("[data-fact]")) fact.textContent = shown.facts[fact.dataset.fact];
  slider.max = String(Math.floor(day.end - day.start));
  drawNow = drawCurve(made, seek, between);
  if (clockNow !== null) seek(midnight + clockNow);
}

/** The choices of days are those of the replication. */
function listDays() {
  const replication = Number(replicationChoice.value);
  dayChoice.replaceChildren(...handed.days.flatMap((one, number) => (one.replication !== replication ? []
    : [Object.assign(document.createElement("option"), { value: String(number), textContent: one.choice })])));
}

for (const replication of new Set(handed.days.map((one) => one.replication))) {
  replicationChoice.append(Object.assign(document.createElement("option"),
    { value: String(replication), textContent: tell("replication_of", { number: replication }) }));
}
listDays();
dayChoice.addEventListener("change", () => choose(Number(dayChoice.value)));
replicationChoice.addEventListener("change", () => {
  const { date } = shown;
  listDays();
  const same = [...dayChoice.options].find((one) => handed.days[Number(one.value)].date === date);
  if (same) dayChoice.value = same.value;
  choose(Number(dayChoice.value));
});

// --- controls ------------------------------------------------------------------------------------

playButton.addEventListener("click", () => (playing ? pause() : play()));
slider.addEventListener("input", () => seek(day.start + Number(slider.value)));
byId("to-start").addEventListener("click", () => seek(day.start));
byId("to-end").addEventListener("click", () => seek(day.end));
byId("back").addEventListener("click", () => nudge(-JUMP));
byId("on").addEventListener("click", () => nudge(JUMP));
byId("notable").addEventListener("change", () => draw(false));
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    shownDesigns.dataset.shown = button.dataset.show;
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
    measureAll();
  });
}

const KEYS = {
  ArrowLeft: (shift) => nudge(shift ? -LONG_JUMP : -1), ArrowRight: (shift) => nudge(shift ? LONG_JUMP : 1),
  PageDown: () => nudge(HOUR), PageUp: () => nudge(-HOUR), Home: () => seek(day.start), End: () => seek(day.end),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  const onControl = ["BUTTON", "INPUT", "SUMMARY"].includes(event.target.tagName) && event.target !== slider;
  if (event.key === " " && !onControl) { event.preventDefault(); playButton.click(); }
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(event.shiftKey); }
});

function measureAll() {
  between?.lay();
  for (const plan of plans) plan.measure();
  between?.measure();
  seek(now);
}

// Whatever moves a slot changes the size of an area or of the plan.
choose(0);
const resized = new ResizeObserver(measureAll);
for (const { plan, areas } of plans) for (const area of [plan, ...areas]) resized.observe(area);
between?.lay();
for (const plan of plans) plan.measure();
between?.measure();
const asked = /^#(\d\d)[:.](\d\d)$/.exec(decodeURIComponent(location.hash));
if (asked) {
  const t = midnight + 60 * Number(asked[1]) + Number(asked[2]);
  seek(t < day.start ? t + 1440 : t);
} else {
  seek(opens());
  if (!little.matches) play();
}
document.fonts?.ready.then(measureAll);
matchMedia("print").addEventListener("change", measureAll); // a sheet is of another width
