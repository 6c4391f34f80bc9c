import * as vscode from 'vscode';

import { rangeOf } from '../edits/reviewDecorations';
import { boxesOf, visible } from './box';
import { drawingOf, type Drawing, type Lines } from './drawing';
import type { NextEdit } from './nextEditSource';
import { hintAtCursor, noteAtEdit, type Stage } from './stage';

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
  drawEdit(editor: vscode.TextEditor, edit: NextEdit, stage: Stage): void {
    const lines = linesOf(editor.document);
    const drawing = drawingOf(lines, edit);
    const { tabSize } = editor.options;
    const note = noteAtEdit(stage);
    const rows = boxesOf(lines, drawing.blocks, typeof tabSize === 'number' ? tabSize : 4, {
      note,
      inserted: drawing.inserted,
    });
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
    editor.setDecorations(this.notes, rows.length > 0 ? [] : [after(editor, edit.range.end.line, undefined, note)]);
    editor.setDecorations(this.target, [rangeOf(edit.range)]);
  }

  /** Writes behind the cursor's line where the edit is that cannot be seen from there. */
  drawHint(editor: vscode.TextEditor, edit: NextEdit, stage: Stage): void {
    const fileName = edit.uri.path.split('/').at(-1) ?? '';
    const hint = hintAtCursor(stage, edit.range, fileName);
    const line = editor.selection.active.line;
    editor.setDecorations(this.notes, hint === undefined ? [] : [after(editor, line, undefined, hint)]);
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
