/** The editor of firelens.toml: CodeMirror, with the engine's problems and the schema's words. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Completer } from "./complete.js";
import type { Problem } from "./types.js";

const THEME = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--bg)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--dim)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--soft)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--chosen)",
  },
  ".cm-tooltip": { backgroundColor: "var(--bg)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--chosen)", color: "var(--text)" },
  ".cm-completionInfo": { maxWidth: "26rem", whiteSpace: "pre-wrap" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", maxWidth: "40rem" },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--dim)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--warn)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--text)", fontWeight: "600" },
  { tag: [tags.heading, tags.bracket, tags.keyword], color: "var(--accent)", fontWeight: "600" },
]);

export class Editor {
  private readonly view: EditorView;
  private quiet = false;

  constructor(parent: HTMLElement, nonce: string, completer: () => Completer | undefined, changed: () => void) {
    const complete = autocompletion({
      override: [
        (context) => {
          const found = completer()?.complete(context.state.sliceDoc(0, context.pos));
          // Nothing was typed: only who asks gets a list.
          const typed = found && (found.from < context.pos || context.explicit);
          return found && typed ? { from: found.from, options: found.options, validFor: /^[\w-]*$/ } : null;
        },
      ],
    });
    const extensions = [
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of({ "aria-label": "firelens.toml", spellcheck: "false", tabindex: "0" }),
      lineNumbers(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      bracketMatching(),
      closeBrackets(),
      StreamLanguage.define(toml),
      syntaxHighlighting(COLOURS),
      lintGutter(),
      complete,
      // Tab leaves the editor, for who has no mouse.
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.quiet) changed();
      }),
      THEME,
    ];
    this.view = new EditorView({ parent, state: EditorState.create({ extensions }) });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Puts another text in its place, without telling of a change. */
  set text(text: string) {
    this.quiet = true;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 } });
    this.quiet = false;
  }

  /** Underlines what is wrong. */
  show(problems: Problem[]): void {
    const end = this.view.state.doc.length;
    const diagnostics: Diagnostic[] = problems.map((problem) => ({
      from: Math.min(problem.from, end),
      to: Math.min(Math.max(problem.to, problem.from + 1), end),
      severity: problem.severity,
      source: problem.code,
      message: problem.message + (problem.help ? `\nhelp: ${problem.help}` : ""),
    }));
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** Goes to a place. */
  goTo(from: number, to: number): void {
    const end = this.view.state.doc.length;
    this.view.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, scrollIntoView: true });
    this.view.focus();
  }
}
