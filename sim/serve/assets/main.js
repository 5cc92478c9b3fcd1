// The page: what is moved is played, and what is found is put in place of what was found before.

import { ask, lines, rows as fetchRows } from "/assets/ask.js";
import { Questions } from "/assets/questions.js";
import { Text } from "/assets/text.js";
import { Tried } from "/assets/tried.js";

const KEYS_WAIT = 450; // milliseconds after the last key before a move by keys is kept
const ROWS_AGAIN = 1000;

const start = JSON.parse(document.getElementById("start").textContent);
const words = { ...start.words, locale: start.locale };
const at = (id) => document.getElementById(id);
const first = ["said", "cards"]; // the words, which come before what takes longer
const parts = [...first, "beside", "pictures"];
const window_ = crypto.randomUUID();
const state = { base: {}, now: {}, base_text: null, text: null };
let asked_of = null; // the text of which the questions are
const done = { list: [], at: -1 };
let count = 2;
let playing = null; // the controller of what is under way, and what it is about
let quick = { under: false, again: false };
let byKeys = 0;
let keyDown = false;

// --- what is said -------------------------------------------------------------------------------

function old(is, which = parts) {
  for (const id of which) {
    at(id).classList.toggle("old", is);
    at(id).classList.remove("stale");
  }
}

// Figures of what was found before, and nothing comes in their place.
function stale(how) {
  old(false);
  for (const id of parts) at(id).classList.add("stale");
  at("played").textContent = "";
  at("how").textContent = how;
}

function notice(text, calm = false, button = null) {
  const here = at("notice");
  here.classList.toggle("calm", calm);
  here.replaceChildren();
  if (!text) return;
  const said = document.createElement("p");
  said.textContent = text;
  here.append(said);
  if (button) {
    const does = document.createElement("button");
    does.type = "button";
    does.textContent = button.words;
    does.addEventListener("click", button.does);
    here.append(does);
  }
}

function problems(list) {
  at("problems").replaceChildren(...list.map((one) => {
    const said = document.createElement("p");
    const where = one.line ? `${words.line} ${one.line}: ` : "";
    const what = one.line ? one.path : asked.list.find((each) => each.path === one.path)?.name ?? one.path;
    const message = document.createElement("span");
    Object.assign(message, { lang: one.lang, textContent: one.message });
    said.append(`${where}${what ? `${what}: ` : ""}`, message);
    return said;
  }));
  const moved = Object.keys(state.now).filter((path) => list.some((one) => one.message.includes(path) || one.path === path || path.startsWith(`${one.path}.`)));
  asked.wrong(moved);
}

function take(event) {
  if (event.kind === "row") {
    tried.take(event.row);
    if (done.list[done.at] && !done.list[done.at].row) done.list[done.at].row = event.row.id;
    tried.select(event.row.id);
  } else if (event.kind === "progress") {
    at("far").textContent = event.text;
  } else if (event.kind === "answers") {
    count = event.count;
    for (const id of first) at(id).innerHTML = event.html[id];
    old(false, first);
    at("played").textContent = event.played;
    at("how").textContent = event.how;
    problems([]);
    performance.mark("answers");
    if (event.last) at("far").textContent = "";
    document.body.dataset.count = event.count;
  } else if (event.kind === "beside") {
    for (const [id, html] of Object.entries(event.html)) at(id).innerHTML = html;
    old(false);
    document.body.dataset.last = event.last;
  } else if (event.kind === "wrong") {
    problems(event.problems);
    stale(words.not_played);
  } else if (event.kind === "failed") {
    notice(event.message);
    stale("");
  } else if (event.kind === "long") {
    notice(event.text, true);
  } else if (event.kind === "stopped") {
    if (at("cards").classList.contains("old")) stale(words.stopped); else at("how").textContent = words.stopped_early;
  } else if (event.kind === "disk") {
    notice(words.disk, true, { words: words.reread, does: reread });
  }
}

// --- what is played -----------------------------------------------------------------------------

async function play(more) {
  const mine = new AbortController();
  mine.about = JSON.stringify(whole(state));
  // A look at the same is not broken off: the program goes on with it.
  if (playing?.about !== mine.about) playing?.abort();
  playing = mine;
  at("stop").hidden = false;
  at("stop").disabled = false;
  notice("");
  old(true);
  document.body.dataset.playing = "true";
  try {
    const body = { window: window_, ...state, ...more };
    for await (const event of lines("/play", body, mine.signal)) {
      if (playing === mine) take(event);
    }
  } catch (error) {
    if (playing === mine && error.name !== "AbortError") {
      notice(error instanceof TypeError ? words.gone : error.message);
      stale("");
    }
  } finally {
    if (playing === mine) {
      playing = null;
      at("stop").hidden = true;
      at("far").textContent = "";
      // What nothing came in the place of is seen to be of before.
      for (const id of parts) at(id).classList.replace("old", "stale");
      document.body.dataset.playing = "false";
    }
  }
}

async function look() {
  if (quick.under) { quick.again = true; return; }
  quick.under = true;
  do {
    quick.again = false;
    await play({ quick: true });
  } while (quick.again);
  quick.under = false;
}

function whole(one) {
  return { base: one.base, now: one.now, base_text: one.base_text ?? null, text: one.text ?? null };
}

function keep() {
  clearTimeout(byKeys);
  byKeys = 0;
  quick.again = false;
  const last = done.list[done.at];
  const same = last && JSON.stringify(whole(last)) === JSON.stringify(whole(state));
  if (same) { if (last.row) play({ row: last.row }); return; }
  done.list.splice(done.at + 1);
  done.list.push({ ...whole(state), row: null });
  done.at = done.list.length - 1;
  buttons();
  play({});
}

function moved(isQuick) {
  performance.mark("moved");
  clearTimeout(byKeys);
  if (isQuick) { look(); return; }
  if (keyDown) { byKeys = setTimeout(keep, KEYS_WAIT); return; }
  keep();
}

function buttons() {
  at("undo").disabled = done.at <= 0;
  at("redo").disabled = done.at >= done.list.length - 1;
}

async function show(one) {
  Object.assign(state, whole(one));
  await questionsOf();
  text.update();
  if (one.row) tried.select(one.row);
  play(one.row ? { row: one.row } : {});
}

// The sliders are of the text that there is: of the file, or of what was typed.
async function questionsOf() {
  if (asked_of !== state.text) {
    const found = state.text === null ? start.questions : await ask("/questions", { text: state.text });
    if (found.kind === "wrong") { problems(found.problems); return; }
    asked_of = state.text;
    asked.take(found);
  }
  const base = state.base_text === null ? start.questions : await ask("/questions", { text: state.base_text });
  if (base.kind !== "wrong") asked.comparedWith(base);
  asked.update();
}

function again(step) {
  done.at += step;
  buttons();
  show(done.list[done.at]);
}

function goTo(row) {
  done.list.splice(done.at + 1);
  done.list.push({ ...whole(row), row: row.id });
  done.at = done.list.length - 1;
  buttons();
  show(done.list[done.at]);
}

async function reread() {
  const found = await ask("/reread", {});
  if (found.kind === "wrong") problems(found.problems); else location.reload();
}

// --- dialogs ------------------------------------------------------------------------------------

function dialog(title, body, what, does) {
  at("dialog-title").textContent = title;
  dialogBody(body);
  const button = at("dialog-do");
  button.hidden = !what;
  button.textContent = what;
  button.onclick = does;
  if (!at("dialog").open) at("dialog").showModal();
}

function dialogBody(body) { at("dialog-body").replaceChildren(...body); }

async function asCommand() {
  const found = await ask("/command", { ...state, count });
  const line = document.createElement("pre");
  line.tabIndex = 0;
  line.textContent = found.command;
  dialog(words.command, [line], words.copy, async () => {
    await navigator.clipboard.writeText(found.command);
    at("dialog-do").textContent = words.copied;
  });
}

function field(label, value) {
  const around = document.createElement("label");
  around.textContent = `${label} `;
  const input = document.createElement("input");
  Object.assign(input, { type: "text", value, maxLength: 80, autocomplete: "off" });
  around.append(input);
  return [around, input];
}

function say(words_) {
  const found = document.createElement("p");
  found.textContent = words_;
  return found;
}

function wrong(list) {
  const found = say(list.map((one) => one.message).join(" "));
  found.className = "mark";
  return found;
}

// First the difference is shown; only then is it written.
function asVariant() {
  const [around, input] = field(words.variant_name, tried.row?.name ?? "");
  dialog(words.variant, [say(words.variant_says), around], words.variant_show, async () => {
    const body = { now: state.now, text: state.text, name: input.value };
    const found = await ask("/variant", body);
    if (found.kind === "wrong") { dialogBody([around, wrong(found.problems)]); return; }
    const difference = document.createElement("pre");
    difference.tabIndex = 0;
    difference.textContent = found.difference;
    dialog(words.variant, [say(words.variant_sure), difference], words.variant_write, async () => {
      const written = await ask("/variant", { ...body, sure: found.sure });
      if (written.kind === "wrong") { dialogBody([wrong(written.problems)]); return; }
      dialog(words.variant, [say(`${words.variant_written} ${written.written}`)], "", null);
    });
  });
}

async function saveText() {
  const body = { text: text.text };
  const found = await ask("/save", body);
  if (found.kind === "wrong") { dialog(words.save, [wrong(found.problems)], "", null); return; }
  const difference = document.createElement("pre");
  difference.tabIndex = 0;
  difference.textContent = found.difference;
  dialog(words.save, [say(words.variant_sure), difference], words.variant_write, async () => {
    const saved = await ask("/save", { ...body, sure: found.sure });
    if (saved.kind === "wrong") { dialogBody([wrong(saved.problems)]); return; }
    location.reload(); // the file, and what can be moved of it, are others now
  });
}

// A page of its own: it is made, and then there is a link to it.
async function makePage(title, path, body) {
  const far = say("");
  dialog(title, [say(words.page_makes), far], "", null);
  try {
    for await (const event of lines(path, { window: `${window_}-page`, ...body })) {
      if (event.kind === "progress") far.textContent = event.text;
      else if (event.kind === "page") {
        const link = document.createElement("a");
        Object.assign(link, { href: event.address, target: "_blank", rel: "noopener", textContent: words.page_open });
        dialogBody([say(words.page_kept), link]);
        link.focus();
      } else if (event.kind === "wrong") dialogBody([wrong(event.problems)]);
      else if (event.kind === "failed") dialogBody([say(event.message)]);
    }
  } catch (error) {
    dialogBody([say(error instanceof TypeError ? words.gone : error.message)]);
  }
}

function compareStarred() {
  const rows = tried.starred.slice(0, 8).map((one) => one.id);
  makePage(words.page, "/compare", { base: state.base, base_text: state.base_text, rows });
}

// --- begin --------------------------------------------------------------------------------------

const asked = new Questions(start.questions, words, state, moved);
const tried = new Tried(start.rows, words, goTo);

const text = new Text(words, state, (typed, list, left) => {
  Object.assign(state, { text: typed, now: left });
  asked_of = typed;
  asked.take(list);
  keep();
});
at("view-text").addEventListener("click", () => text.open());
at("view-sliders").addEventListener("click", () => text.show(false));
at("save").addEventListener("click", saveText);
at("find").addEventListener("input", () => asked.find(at("find").value));
at("stop").addEventListener("click", () => {
  // What is under way of it ends by itself, which may take a moment.
  at("stop").disabled = true;
  at("far").textContent = words.stopping;
  ask("/stop", { window: window_ });
});
at("undo").addEventListener("click", () => again(-1));
at("redo").addEventListener("click", () => again(1));
at("dialog-close").addEventListener("click", () => at("dialog").close());
at("as-command").addEventListener("click", asCommand);
at("as-variant").addEventListener("click", asVariant);
at("watch").addEventListener("click", () => makePage(words.watch, "/watch", whole(state)));
at("compare").addEventListener("click", compareStarred);
tried.drawn = () => {
  const number = tried.starred.length;
  at("compare").hidden = !number;
  at("compare").textContent = words.compare.replace("{number}", number);
};
tried.drawn();
at("rebase").addEventListener("click", () => {
  Object.assign(state, { base: { ...state.now }, base_text: state.text });
  asked.comparedWith(asked.list);
  asked.update();
  keep();
});
for (const tab of document.querySelectorAll("#tabs button")) {
  tab.addEventListener("click", () => {
    document.body.dataset.tab = tab.dataset.tab;
    for (const one of document.querySelectorAll("#tabs button")) {
      if (one === tab) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
    }
    scrollTo(0, 0);
  });
}
addEventListener("keydown", () => { keyDown = true; }, true);
addEventListener("pointerdown", () => { keyDown = false; }, true);
// What was moved by keys just now is kept, though nobody is there to see it played.
addEventListener("pagehide", () => {
  if (byKeys) ask("/play", { window: window_, ...state, kept: true }, true).catch(() => {});
});
async function rowsAgain() {
  try { tried.takeAll(await fetchRows()); } catch { /* the next move says what is wrong */ }
}
addEventListener("focus", rowsAgain);
setTimeout(rowsAgain, ROWS_AGAIN); // what the page before this one kept as it was closed

const last = start.rows[0];
if (last) goTo(last); else keep();
