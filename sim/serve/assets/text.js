// The scenario as text: the second view of what the sliders move.

import { ask } from "/assets/ask.js";

const WAIT = 700; // milliseconds after the last key before the text is read
const PHRASE = "phrase_"; // words of the editor's own parts, by what they are in English

export class Text {
  // `read(text, questions, left)` is told of a text that can be; `save(text)` wants it in the file.
  constructor(words, state, read) {
    this.words = words;
    this.state = state;
    this.read = read;
    this.editor = null;
    this.waiting = 0;
    this.number = 0;
    this.isDraft = false; // whether what is typed was not read yet, or has mistakes
  }

  get isOpen() { return document.body.classList.contains("is-text"); }

  show(is) {
    document.body.classList.toggle("is-text", is);
    document.getElementById("text-view").hidden = !is;
    document.getElementById("slider-view").hidden = is;
    document.getElementById("view-text").setAttribute("aria-pressed", String(is));
    document.getElementById("view-sliders").setAttribute("aria-pressed", String(!is));
  }

  async open() {
    this.show(true);
    if (!this.editor) {
      const [{ mount }, schema] = await Promise.all([
        import("/assets/editor.js"), fetch("/schema").then((answer) => answer.json()),
      ]);
      this.editor = mount(document.getElementById("editor"), {
        schema, words: { ...this.words.editor, phrases: this.phrases }, onChange: (text) => this.typed(text),
      });
    }
    if (!this.isDraft) await this.update(); // what has mistakes is not lost for a look at the sliders
    this.editor.focus();
  }

  get phrases() {
    return Object.fromEntries(Object.entries(this.words.editor)
      .filter(([key]) => key.startsWith(PHRASE))
      .map(([key, text]) => [key.slice(PHRASE.length).replaceAll("_", " "), text]));
  }

  // What was moved meanwhile is written into the text.
  async update() {
    if (!this.editor) return;
    clearTimeout(this.waiting);
    this.number += 1;
    this.isDraft = false;
    if (!this.isOpen) return;
    const found = await ask("/text", { text: this.state.text, now: this.state.now });
    if (found.text !== undefined) this.editor.setText(found.text);
    this.left = found.left ?? this.state.now;
    this.editor.setProblems(found.problems ?? []);
  }

  typed(text) {
    clearTimeout(this.waiting);
    const mine = ++this.number;
    this.isDraft = true;
    this.waiting = setTimeout(async () => {
      try {
        const found = await ask("/questions", { text });
        if (mine !== this.number) return;
        this.editor.setProblems(found.kind === "wrong" ? found.problems : []);
        if (found.kind === "wrong") return;
        this.isDraft = false;
        this.read(text, found, this.left ?? {});
      } catch (error) {
        this.editor.setProblems([{ line: 1, column: 1, path: "", message: error.message || this.words.gone }]);
      }
    }, WAIT);
  }

  get text() { return this.editor.text(); }
}
