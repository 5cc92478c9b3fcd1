// Time: play, pause, speed, the slider and the keys.

const slider = byId("slider"), clockFace = byId("clock"), playButton = byId("play"), spoken = byId("spoken");
const SLOWLY = 1; // minutes a second during an overdose
const SEEN_AS_ONE = 2; // a jump of more minutes than this is not shown as movement
const JUMP = 10, LONG_JUMP = 15, HOUR = 60;
let now = day.start, playing = false, last = null, announced = 0;

function show(t) {
  now = Math.min(Math.max(t, day.start), day.end);
  draw(now);
  write(clockFace, clock(now));
  slider.value = String(Math.floor(now - day.start));
  slider.setAttribute("aria-valuetext", clock(now));
}

/** Go to a moment: nobody walks there. */
function seek(t) {
  plan.classList.add("still");
  show(t);
  announced = upTo(happenedTimes, now);
  void plan.offsetWidth;
  plan.classList.remove("still");
}

function nudge(minutes) {
  if (Math.abs(minutes) > SEEN_AS_ONE) seek(now + minutes); else show(now + minutes);
}

function speed() {
  const wanted = Number(byId("speed").value), slow = byId("slow")?.checked;
  const urgent = slow && casesAt(now).some((one) => one.stable === null || one.stable > now);
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
  const until = upTo(happenedTimes, now);
  for (let index = announced; index < until; index++) {
    const { key, gaps, time } = happened[index];
    if (["event_overdose", "event_team", "event_open", "event_close"].includes(key)) spoken.textContent = `${clock(time)} ${tell(key, gaps)}`;
  }
  announced = until;
}

/** A little before the doors first open: where the day is taken up. */
function opens() {
  const [times, values] = day.series.open;
  const first = values.findIndex((open) => open > 0);
  const waiting = visits.find((visit) => visit.steps[0].area === AREA.street);
  const begin = first < 0 ? day.start : times[first];
  return Math.max(day.start, Math.min(begin, waiting ? waiting.came : begin) - 1);
}

// --- the curves over the slider ------------------------------------------------------------------

function drawCurves() {
  const span = day.end - day.start, most = Math.max(1, ...day.series.inside[1]);
  const waits = ["waiting_check_in", "waiting_place", "waiting_service"].map((name) => day.series[name]);
  const changed = [...new Set(waits.flatMap(([when]) => when))].sort((one, other) => one - other);
  const waiting = [changed, changed.map((t) => waits.reduce((sum, series) => sum + valueAt(series, t), 0))];
  const x = (t) => (1000 * (t - day.start) / span).toFixed(1), y = (value) => (39 - 37 * value / most).toFixed(1);
  const steps = ([times, values]) => times.map((time, index) => `${index ? `H${x(time)}V` : `M0 `}${y(values[index])}`).join("") + "H1000";
  const curve = byId("curve");
  curve.querySelector(".curve-inside").setAttribute("d", `${steps(day.series.inside)}V40H0z`);
  curve.querySelector(".curve-waiting").setAttribute("d", steps(waiting));
  const [times, values] = day.series.open;
  const shut = times.map((time, index) => (values[index] ? "" : `M${x(time)} 0H${x(times[index + 1] ?? day.end)}V40H${x(time)}z`));
  curve.querySelector(".shut").setAttribute("d", shut.join(""));
  const left = (t) => `${(100 * (t - day.start) / span).toFixed(2)}%`;
  for (const one of day.overdoses) {
    if (one.where === OFF_SITE || one.onset < day.start) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "!" });
    const text = tell("go_to_overdose", { time: clock(one.onset) });
    button.setAttribute("aria-label", text);
    button.title = text;
    button.style.left = left(one.onset);
    button.addEventListener("click", () => seek(one.onset - 1));
    byId("marks").append(button);
  }
  const every = 120, origin = day.midnight + every * Math.ceil((day.start - day.midnight) / every);
  for (let t = origin; t <= day.end; t += every) {
    const hour = Object.assign(document.createElement("span"), { textContent: clock(t) });
    hour.style.left = left(t);
    byId("hours").append(hour);
  }
}

// --- controls ------------------------------------------------------------------------------------

playButton.addEventListener("click", () => (playing ? pause() : play()));
slider.addEventListener("input", () => seek(day.start + Number(slider.value)));
byId("to-start").addEventListener("click", () => seek(day.start));
byId("to-end").addEventListener("click", () => seek(day.end));
byId("back").addEventListener("click", () => nudge(-JUMP));
byId("on").addEventListener("click", () => nudge(JUMP));
byId("notable").addEventListener("change", () => draw(now));

const KEYS = {
  ArrowLeft: (shift) => nudge(shift ? -LONG_JUMP : -1), ArrowRight: (shift) => nudge(shift ? LONG_JUMP : 1),
  PageDown: () => nudge(HOUR), PageUp: () => nudge(-HOUR), Home: () => seek(day.start), End: () => seek(day.end),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  const onControl = ["BUTTON", "INPUT"].includes(event.target.tagName) && event.target !== slider;
  if (event.key === " " && !onControl) { event.preventDefault(); playButton.click(); }
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(event.shiftKey); }
});

// Whatever moves a slot changes the size of an area or of the plan.
const resized = new ResizeObserver(() => {
  measure();
  for (const person of people.values()) person.slot = null;
  seek(now);
});
for (const area of [plan, ...plan.querySelectorAll(".area")]) resized.observe(area);

measure();
drawCurves();
const asked = /^#(\d\d)[:.](\d\d)$/.exec(decodeURIComponent(location.hash));
if (asked) {
  const t = day.midnight + 60 * Number(asked[1]) + Number(asked[2]);
  seek(t < day.start ? t + 1440 : t);
} else {
  seek(opens());
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
}
