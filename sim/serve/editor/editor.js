// The editor of a scenario's text: YAML with completion from the scenario's own schema, and with the
// program's own problems at their lines. It stands in a shadow root, so that its styles are sheets
// that are adopted there: a page whose policy allows no style but its own needs no exception for it.

import { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { keysAt, place, valuesAt } from "./complete.js";

const WORDS = {
  label: "The scenario as text",
  hint: "Ctrl-Space completes, Ctrl-F finds, F8 goes to the next problem. Tab indents; Escape, then Tab, leaves.",
  problems: "Problems",
  none: "No problems.",
  line: "Line {line}",
  phrases: {},
};

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--people-text)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--ink-2)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--enough-text)" },
  { tag: [tags.labelName, tags.typeName, tags.meta], color: "var(--staff-text)" },
  { tag: [tags.separator, tags.squareBracket, tags.brace], color: "var(--ink-2)" },
  { tag: tags.content, color: "var(--ink)" },
]);

const look = {
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", border: "1px solid var(--edge-strong)", borderRadius: "var(--radius, 6px)", height: "100%", fontSize: "var(--size-2, 15px)" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--people-tint)" },
  ".cm-selectionMatch": { backgroundColor: "var(--just-tint)" },
  ".cm-searchMatch": { backgroundColor: "var(--just-tint)", outline: "1px solid var(--just-mark)" },
  ".cm-searchMatch-selected": { outline: "2px solid var(--ink)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent", boxShadow: "inset 0 -1px var(--edge)" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--ink-2)", border: "0" },
  ".cm-activeLineGutter": { color: "var(--ink)", fontWeight: "600" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--people-tint)", color: "var(--ink)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunk)", color: "var(--ink-2)", border: "1px solid var(--edge)" },
  ".cm-panels": { backgroundColor: "var(--sunk)", color: "var(--ink)", borderColor: "var(--edge)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 8px" },
  ".cm-panel.cm-search input, .cm-panel.cm-search button": { font: "inherit", fontSize: "var(--size-2, 15px)" },
  ".cm-panel.cm-search label": { fontSize: "var(--size-1, 13px)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--edge-strong)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--people-text)", border: "1px solid var(--people-mark)", borderRadius: "var(--radius, 6px)", minHeight: "28px" },
  ".cm-dialog-close, .cm-panel.cm-search [name=close]": { color: "var(--ink)", minWidth: "24px", minHeight: "24px" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--edge-strong)", borderRadius: "var(--radius, 6px)" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "4px 8px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--people-tint) !important", color: "var(--ink) !important", boxShadow: "inset 3px 0 var(--people-mark)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--ink-2)", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "26rem", padding: "8px 12px", fontFamily: "var(--font)", fontSize: "var(--size-2, 15px)", lineHeight: "1.4" },
  ".cm-diagnostic": { fontFamily: "var(--font)", fontSize: "var(--size-2, 15px)", padding: "6px 10px", borderLeft: "5px solid var(--short-mark)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--short-mark) 1.5px", textUnderlineOffset: "3px" },
  ".cm-lint-marker-error": { content: "''", width: "12px", height: "12px", margin: "3px 2px", backgroundColor: "var(--short-mark)", borderRadius: "2px" },
};

const SHEET = `
:host { display: block; hyphens: none; text-wrap: wrap; overflow-wrap: normal; }
.whole { display: flex; flex-direction: column; gap: 8px; height: 100%; font: var(--size-2, 15px)/1.45 var(--font, system-ui, sans-serif); color: var(--ink); }
.text { flex: 1; min-height: 0; }
p, ol { margin: 0; padding: 0; }
p { color: var(--ink-2); font-size: var(--size-1, 13px); }
.count { color: var(--ink); font-size: var(--size-2, 15px); font-weight: 600; }
ol { list-style: none; max-height: 12rem; overflow: auto; }
ol button { font: inherit; color: var(--ink); background: var(--short-tint); border: 0; border-left: 5px solid var(--short-mark); border-radius: 0 var(--radius, 6px) var(--radius, 6px) 0; width: 100%; text-align: left; padding: 8px 12px; min-height: 44px; cursor: pointer; overflow-wrap: anywhere; margin-bottom: 4px; }
ol button strong { font-weight: 600; }
ol button:focus-visible { outline: 3px solid var(--focus); outline-offset: -3px; }
`;

const given = Annotation.define(); // a change that the page made, not the planner

// --- completion ---------------------------------------------------------------------------------

const TYPES = { enum: "enum", text: "text", variable: "variable" };

// A key goes in with what follows it: a block on a line of its own, the beginning of a list, a value.
function keyOption(one, where) {
  const colon = where.isFlow ? ": " : one.map || one.list ? ":" : ": ";
  return {
    label: one.label,
    type: "property",
    info: one.info || undefined,
    boost: one.needed ? 10 : 0,
    apply: (view, _, from, to) => {
      const after = view.state.sliceDoc(to, Math.min(to + 1, view.state.doc.length));
      let text = one.label + (after === ":" ? "" : colon);
      if (!where.isFlow && after !== ":" && (one.map || one.list)) {
        text += `\n${" ".repeat(where.indent + 2)}${one.list ? "- " : ""}`;
      }
      view.dispatch({
        changes: { from, to, insert: text },
        selection: { anchor: from + text.length },
        userEvent: "input.complete",
      });
    },
  };
}

const source = (schema) => (context) => {
  const text = context.state.doc.toString();
  const where = place(text, context.pos);
  if (!where || (!context.explicit && !where.word)) return null;
  const options = where.kind === "key"
    ? keysAt(where, schema).map((one) => keyOption(one, where))
    : valuesAt(where, schema, text).map((one) => ({
      label: one.label, type: TYPES[one.kind], info: one.info || undefined,
    }));
  if (!options.length) return null;
  return { from: context.pos - where.word.length, options, validFor: /^[\w./-]*$/ };
};

// --- problems -----------------------------------------------------------------------------------

function range(state, problem) {
  const number = Math.min(Math.max(problem.line || 1, 1), state.doc.lines);
  const line = state.doc.line(number);
  const from = Math.min(line.from + Math.max((problem.column || 1) - 1, 0), line.to);
  const word = /^[^\s:,{}[\]#]+/.exec(line.text.slice(from - line.from));
  return { from, to: word ? from + word[0].length : line.to };
}

const message = (one) => (one.path ? `${one.path}: ${one.message}` : one.message);

// --- the editor ---------------------------------------------------------------------------------

export function mount(element, { text = "", schema = {}, problems = [], words = {}, dark, onChange = () => {} } = {}) {
  const say = { ...WORDS, ...words };
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [sheet];
  const make = (name, look_ = "") => {
    const made = document.createElement(name);
    if (look_) made.className = look_;
    return made;
  };
  const [whole, hint, field, title, list] = [
    make("div", "whole"), make("p"), make("div", "text"), make("p", "count"), make("ol"),
  ];
  hint.id = "hint";
  hint.textContent = say.hint;
  title.id = "problems";
  title.setAttribute("role", "status");
  list.setAttribute("aria-labelledby", "problems");
  whole.append(hint, field, title, list);
  root.replaceChildren(whole);

  const theme = new Compartment();
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => EditorView.theme(look, { dark: dark ?? prefers.matches });

  const view = new EditorView({
    parent: field,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(),
        history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(),
        indentUnit.of("  "), EditorState.tabSize.of(2), EditorState.phrases.of(say.phrases),
        yaml(), syntaxHighlighting(colours), search({ top: true }),
        autocompletion({ override: [source(schema)], icons: false, activateOnTyping: true }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": say.label, "aria-describedby": "hint", tabindex: "0", spellcheck: "false", autocapitalize: "off", translate: "no",
        }),
        theme.of(themed()),
        keymap.of([
          ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap,
          ...defaultKeymap, indentWithTab,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((one) => one.annotation(given))) {
            onChange(update.state.doc.toString());
          }
        }),
      ],
    }),
  });

  const again = () => view.dispatch({ effects: theme.reconfigure(themed()) });
  prefers.addEventListener("change", again);

  function setProblems(found) {
    const marks = found.map((one) => ({ ...range(view.state, one), severity: "error", message: message(one) }));
    view.dispatch(setDiagnostics(view.state, marks));
    title.textContent = found.length ? `${say.problems}: ${found.length}` : say.none;
    list.replaceChildren(...found.map((one) => {
      const [item, button, where] = [make("li"), make("button"), make("strong")];
      button.type = "button";
      if (one.line) where.textContent = `${say.line.replace("{line}", one.line)}: `;
      button.append(where, message(one));
      button.addEventListener("click", () => {
        view.dispatch({ selection: { anchor: range(view.state, one).from }, scrollIntoView: true });
        view.focus();
      });
      item.append(button);
      return item;
    }));
  }

  setProblems(problems);

  return {
    text: () => view.state.doc.toString(),
    setText: (now) => {
      if (now === view.state.doc.toString()) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: now },
        annotations: given.of(true),
      });
    },
    setProblems,
    focus: () => view.focus(),
    destroy: () => {
      prefers.removeEventListener("change", again);
      view.destroy();
      root.replaceChildren();
    },
  };
}
