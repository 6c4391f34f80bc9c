import type { Block, Insertion, Lines } from './drawing';

/** More new lines than this are counted, not shown. */
const MOST_ROWS = 16;
/** Longer lines are cut, in columns. */
const WIDEST = 120;
/** Between the code and the new lines beside it, in columns. */
const GAP = 4;

/** One of the new lines, as it is written behind a line of the document. */
export interface Row {
  readonly line: number;
  /** From the end of the document's line, in columns. */
  readonly margin: number;
  /** With spaces that are not collapsed; all rows of a box are equally wide. */
  readonly text: string;
}

/**
 * A box of new lines to the right of the code. VS Code's decorations can write behind a line, and nothing between two
 * lines; so each row of the box stands behind a line of the document, all beginning in the same column, and no code is
 * covered.
 */
export function boxOf(
  document: Lines,
  block: Block,
  tabSize: number,
  options: { readonly note: string; readonly inserted: readonly Insertion[] },
): Row[] {
  const shown = block.lines.slice(0, MOST_ROWS).map((line) => expanded(line, tabSize));
  if (block.lines.length > MOST_ROWS) {
    shown.push(`… ${block.lines.length - MOST_ROWS} more lines`);
  }
  const room = shown.slice(0, document.lineCount);
  const indentation = Math.min(...room.filter((line) => line.trim() !== '').map(leadingSpaces));
  const texts = room.map((line) => cut(line.slice(Number.isFinite(indentation) ? indentation : 0)));
  const first = Math.max(0, Math.min(block.line, document.lineCount - texts.length));
  const widths = texts.map((_, index) => {
    const line = first + index;
    const drawn = options.inserted.filter(({ at }) => at.line === line).map(({ text }) => text);
    return widthOf(expanded(document.textOf(line) + drawn.join(''), tabSize));
  });
  const column = Math.max(...widths) + GAP;
  const wide = Math.max(...texts.map(widthOf));
  return texts.map((text, index) => ({
    line: first + index,
    margin: column - (widths[index] ?? 0),
    text: visible(` ${text}${' '.repeat(wide - widthOf(text))} ${index === 0 ? options.note : ''}`),
  }));
}

/** Text as a decoration has to have it: its spaces are not to be collapsed. */
export function visible(text: string): string {
  return text.replace(/[ \t]/g, '\u00a0');
}

function expanded(line: string, tabSize: number): string {
  let column = 0;
  let result = '';
  for (const character of line) {
    const piece = character === '\t' ? ' '.repeat(tabSize - (column % tabSize)) : character;
    result += piece;
    column += widthOf(piece);
  }
  return result;
}

function leadingSpaces(line: string): number {
  return line.length - line.trimStart().length;
}

function cut(line: string): string {
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
}

/** Columns of a text in a font where East Asian characters and emoji are two columns wide. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : /\p{Mark}/u.test(character)
          ? 0
          : 1;
  }
  return width;
}
