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
 * Boxes of new lines to the right of the code. VS Code's decorations can write behind a line, and nothing between two
 * lines; so each row of a box stands behind a line of the document, all beginning in the same column, and no code is
 * covered.
 */
export function boxesOf(
  document: Lines,
  blocks: readonly Block[],
  tabSize: number,
  inserted: readonly Insertion[],
): Row[] {
  const contents = blocks.map((block) => contentOf(block, tabSize));
  const widthAt = (line: number): number => {
    const drawn = inserted.filter(({ at }) => at.line === line).map(({ text }) => text);
    return widthOf(expanded(document.textOf(line) + drawn.join(''), tabSize));
  };
  const firsts = firstLines(blocks, contents, document.lineCount);
  return contents.flatMap((content, box) => {
    const first = firsts[box] ?? 0;
    const room = content.slice(0, Math.max(0, document.lineCount - first));
    const widths = room.map((_, index) => widthAt(first + index));
    const column = Math.max(...widths) + GAP;
    const wide = Math.max(...room.map(widthOf));
    return room.map((text, index) => ({
      line: first + index,
      margin: column - (widths[index] ?? 0),
      text: visible(` ${text}${' '.repeat(wide - widthOf(text))} `),
    }));
  });
}

/** The rows of a box without the indentation that they share. */
function contentOf(block: Block, tabSize: number): string[] {
  const shown = block.lines.slice(0, MOST_ROWS).map((line) => expanded(line, tabSize));
  const indentations = shown.filter((line) => line.trim() !== '').map(leadingSpaces);
  const indentation = indentations.length === 0 ? 0 : Math.min(...indentations);
  const rows = shown.map((line) => cut(line.slice(indentation)));
  const left = block.lines.length - MOST_ROWS;
  return left > 0 ? [...rows, `… ${left} more lines`] : rows;
}

/**
 * Where each box begins: beside its place or, where the box above reaches so far, below that; further up where the
 * document ends. Of a document with fewer lines than there are rows, the last rows have no line.
 */
function firstLines(blocks: readonly Block[], contents: readonly string[][], lineCount: number): number[] {
  let free = 0;
  const firsts = blocks.map(({ line }, box) => {
    const first = Math.max(line, free);
    free = first + (contents[box]?.length ?? 0);
    return first;
  });
  let end = lineCount;
  const raised = firsts.map(() => 0);
  for (let box = firsts.length - 1; box >= 0; box--) {
    end = Math.min(firsts[box] ?? 0, end - (contents[box]?.length ?? 0));
    raised[box] = end;
  }
  const above = Math.max(0, -Math.min(0, ...raised));
  return raised.map((first) => first + above);
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
