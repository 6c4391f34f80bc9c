import * as vscode from 'vscode';

import { changedLines, vanishedLines, type DocumentReview, type Part } from './documentReview';
import type { Place, Span } from './spans';

/** Longer texts than this are cut in hovers, in characters. */
const LONGEST_REMOVED = 4000;

/** Draws in an editor what an edit has changed, in the colours of the theme's diff editor. */
export class ReviewDecorations implements vscode.Disposable {
  private readonly lines = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedLineBackground'),
    overviewRulerColor: new vscode.ThemeColor('diffEditorOverview.insertedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly text = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly vanished = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor('diffEditorOverview.removedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2em', fontStyle: 'italic' },
  });
  private readonly edge = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: 'solid',
    borderWidth: '0 0 1px 0',
    borderColor: new vscode.ThemeColor('progressBar.background'),
    after: {
      contentText: '⋯ Spark is editing, Esc stops it',
      color: new vscode.ThemeColor('editorCodeLens.foreground'),
      margin: '0 0 0 2em',
      fontStyle: 'italic',
    },
  });

  draw(editor: vscode.TextEditor, review: DocumentReview | undefined): void {
    const parts = review?.parts ?? [];
    const language = editor.document.languageId;
    editor.setDecorations(this.lines, parts.flatMap(changedLineRanges));
    editor.setDecorations(
      this.text,
      parts.map((part) => ({ range: rangeOf(part.span), ...hover(part, language) })),
    );
    editor.setDecorations(
      this.vanished,
      parts
        .filter((part) => vanishedLines(part) > 0)
        .map((part) => ({
          range: endOfLine(editor.document, part.span.start),
          renderOptions: { after: { contentText: `− ${counted(vanishedLines(part), 'line')}` } },
          ...hover(part, language),
        })),
    );
    const growingAt = review?.growingAt;
    editor.setDecorations(this.edge, growingAt === undefined ? [] : [endOfLine(editor.document, growingAt)]);
  }

  dispose(): void {
    vscode.Disposable.from(this.lines, this.text, this.vanished, this.edge).dispose();
  }
}

function changedLineRanges(part: Part): vscode.Range[] {
  const lines = changedLines(part);
  return lines === undefined ? [] : [new vscode.Range(lines.first, 0, lines.last, 0)];
}

/** What stood there before. Markdown of the document's own text: no links that run anything, no HTML. */
function hover(part: Part, language: string): { hoverMessage?: vscode.MarkdownString } {
  if (part.removed.trim() === '') {
    return {};
  }
  const isCut = part.removed.length > LONGEST_REMOVED;
  const shown = isCut ? `${part.removed.slice(0, LONGEST_REMOVED)}…` : part.removed;
  return { hoverMessage: new vscode.MarkdownString('Before the edit:').appendCodeblock(shown, language) };
}

function endOfLine(document: vscode.TextDocument, place: Place): vscode.Range {
  const { end } = document.lineAt(Math.min(place.line, document.lineCount - 1)).range;
  return new vscode.Range(end, end);
}

export function rangeOf({ start, end }: Span): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
