import * as vscode from 'vscode';

import { rangeOf } from '../edits/reviewDecorations';
import { boxesOf, visible, type Row } from './box';
import { drawingOf, type Drawing, type Lines } from './drawing';
import type { NextEdit } from './nextEditSource';

/** Draws a next edit where it is to be made, and a hint at the cursor when that is out of sight. */
export class NextEditDecorations implements vscode.Disposable {
  private readonly removed = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('diffEditor.removedTextBackground'),
    textDecoration: 'line-through',
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly inserted = vscode.window.createTextEditorDecorationType({
    after: {
      color: new vscode.ThemeColor('editor.foreground'),
      backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
    },
  });
  private readonly box = vscode.window.createTextEditorDecorationType({
    after: {
      color: new vscode.ThemeColor('editor.foreground'),
      backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
    },
  });
  /** Between which lines the new ones of a box come. */
  private readonly insertionPoint = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: 'dashed',
    borderWidth: '1px 0 0 0',
    borderColor: new vscode.ThemeColor('editorGutter.addedBackground'),
  });
  private readonly notes = vscode.window.createTextEditorDecorationType({
    after: {
      color: new vscode.ThemeColor('editorCodeLens.foreground'),
      margin: '0 0 0 2em',
      fontStyle: 'italic',
    },
  });
  private readonly target = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor('diffEditorOverview.insertedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
  });
  private readonly all = [this.removed, this.inserted, this.box, this.insertionPoint, this.notes, this.target];

  /** Draws an edit in an editor of its document. */
  drawEdit(editor: vscode.TextEditor, edit: NextEdit, note: string | undefined): void {
    const lines = linesOf(editor.document);
    const drawing = drawingOf(lines, edit);
    const { tabSize } = editor.options;
    const rows = boxesOf(lines, drawing.blocks, typeof tabSize === 'number' ? tabSize : 4, drawing.inserted);
    editor.setDecorations(this.removed, [
      ...drawing.removed.map(rangeOf),
      ...drawing.removedLines.map((line) => editor.document.lineAt(line).range),
    ]);
    editor.setDecorations(
      this.inserted,
      drawing.inserted.map(({ at, text }) => after(editor, at.line, at.character, visible(text))),
    );
    editor.setDecorations(
      this.box,
      rows.map(({ line, margin, text }) => after(editor, line, undefined, text, `0 0 0 ${margin}ch`)),
    );
    editor.setDecorations(this.insertionPoint, insertionPoints(editor.document, drawing));
    const noteLine = noteLineOf(edit, rows, editor.document.lineCount);
    editor.setDecorations(
      this.notes,
      note === undefined || noteLine === undefined ? [] : [after(editor, noteLine, undefined, note)],
    );
    editor.setDecorations(this.target, [rangeOf(edit.range)]);
  }

  /** Writes a hint behind the cursor's line. */
  drawHint(editor: vscode.TextEditor, hint: string): void {
    editor.setDecorations(this.notes, [after(editor, editor.selection.active.line, undefined, hint)]);
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.all) {
      editor.setDecorations(type, []);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.all).dispose();
  }
}

/** The lines of a document as drawing takes them. */
export function linesOf(document: vscode.TextDocument): Lines {
  return { lineCount: document.lineCount, textOf: (line) => document.lineAt(line).text };
}

/** The line to write a note behind: the edit's last one, or one next to a box. */
function noteLineOf(edit: NextEdit, rows: readonly Row[], lineCount: number): number | undefined {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) {
    return edit.range.end.line;
  }
  const line = first.line > 0 ? first.line - 1 : last.line + 1;
  return line < lineCount ? line : undefined;
}

/** Text behind a place, or behind the end of a line. */
function after(
  editor: vscode.TextEditor,
  line: number,
  character: number | undefined,
  contentText: string,
  margin?: string,
): vscode.DecorationOptions {
  const place = new vscode.Position(line, character ?? editor.document.lineAt(line).text.length);
  return {
    range: new vscode.Range(place, place),
    renderOptions: { after: { contentText, ...(margin === undefined ? {} : { margin }) } },
  };
}

/** Where lines only come in; behind the last line of a document there is nothing to draw a border on. */
function insertionPoints(document: vscode.TextDocument, drawing: Drawing): vscode.Range[] {
  return drawing.blocks
    .filter(({ line }) => !drawing.removedLines.includes(line) && line < document.lineCount)
    .map(({ line }) => new vscode.Range(line, 0, line, 0));
}
