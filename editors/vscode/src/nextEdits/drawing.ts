import { diffArrays, diffWordsWithSpace } from 'diff';

import { endOf, linesOf, type Change, type Place, type Span } from '../edits/spans';

/** A document's lines, as far as drawing needs them. */
export interface Lines {
  readonly lineCount: number;
  /** The text of a line without its ending. */
  textOf(line: number): string;
}

/** New text inside a line that otherwise stays. */
export interface Insertion {
  readonly at: Place;
  /** One line. */
  readonly text: string;
}

/** New lines, drawn beside the lines from `line` on. */
export interface Block {
  readonly line: number;
  readonly lines: readonly string[];
}

/** What shows an edit of a document before it is made. All places are in the document as it is. */
export interface Drawing {
  /** Inside one line each. */
  readonly removed: readonly Span[];
  /** Numbers of lines that go as a whole. */
  readonly removedLines: readonly number[];
  readonly inserted: readonly Insertion[];
  readonly blocks: readonly Block[];
}

/** Lines with more changes than this are easier to read when the new line is written beside the old one. */
const MOST_CHANGES_IN_A_LINE = 3;
/** The same for lines of which less than this share stays. */
const LEAST_COMMON = 0.4;

/** How to draw that the text of a range becomes another one: changes inside a line in it, new lines beside the old. */
export function drawingOf(document: Lines, { range, text }: Change): Drawing {
  const { start, end } = range;
  const old = Array.from({ length: end.line - start.line + 1 }, (_, index) => document.textOf(start.line + index));
  const head = (old[0] ?? '').slice(0, start.character);
  const tail = (old.at(-1) ?? '').slice(end.character);
  const drawings: Drawing[] = [];
  let line = start.line;
  let removed: string[] = [];
  const finish = (added: string[]): void => {
    drawings.push(replacedLines(line, removed, added));
    line += removed.length;
    removed = [];
  };
  for (const chunk of diffArrays(old, linesOf(head + text + tail))) {
    if (chunk.removed) {
      removed = chunk.value;
    } else if (chunk.added) {
      finish(chunk.value);
    } else {
      finish([]);
      line += chunk.value.length;
    }
  }
  finish([]);
  return {
    removed: drawings.flatMap((one) => one.removed),
    removedLines: drawings.flatMap((one) => one.removedLines),
    inserted: drawings.flatMap((one) => one.inserted),
    blocks: drawings.flatMap((one) => one.blocks),
  };
}

function replacedLines(line: number, old: readonly string[], added: readonly string[]): Drawing {
  const inLines =
    old.length === added.length ? old.map((one, index) => insideLine(line + index, one, added[index] ?? '')) : [];
  if (inLines.every((one) => one !== undefined) && (inLines.length > 0 || (added.length === 0 && old.length === 0))) {
    return {
      removed: inLines.flatMap((one) => one.removed),
      removedLines: [],
      inserted: inLines.flatMap((one) => one.inserted),
      blocks: [],
    };
  }
  return {
    removed: [],
    removedLines: old.map((_, index) => line + index),
    inserted: [],
    blocks: added.length > 0 ? [{ line, lines: added }] : [],
  };
}

/** The changes inside of a line; undefined when too much of it changes to be read like that. */
function insideLine(line: number, old: string, added: string): { removed: Span[]; inserted: Insertion[] } | undefined {
  const removed: Span[] = [];
  const inserted: Insertion[] = [];
  const at = (character: number): Place => ({ line, character });
  let character = 0;
  let common = 0;
  let pending = '';
  let changes = 0;
  for (const part of diffWordsWithSpace(old, added)) {
    if (part.removed) {
      pending = part.value;
      changes++;
    } else if (part.added) {
      changes += pending === '' ? 1 : 0;
      const change = withoutCommonEnds(pending, part.value);
      const start = character + change.start;
      if (change.old !== '') {
        removed.push({ start: at(start), end: at(start + change.old.length) });
      }
      if (change.added !== '') {
        inserted.push({ at: at(start + change.old.length), text: change.added });
      }
      character += pending.length;
      pending = '';
    } else {
      flush();
      character += part.value.length;
      common += part.value.trim().length;
    }
  }
  flush();
  const isReadable = common >= LEAST_COMMON * old.trim().length || removed.length === 0;
  return changes <= MOST_CHANGES_IN_A_LINE && isReadable ? { removed, inserted } : undefined;

  function flush(): void {
    if (pending !== '') {
      removed.push({ start: at(character), end: at(character + pending.length) });
      character += pending.length;
      pending = '';
    }
  }
}

/** A changed word of which one end only grows or shrinks, without what stays; other words as they are. */
function withoutCommonEnds(old: string, added: string): { start: number; old: string; added: string } {
  if (added.startsWith(old)) {
    return { start: old.length, old: '', added: added.slice(old.length) };
  }
  if (added.endsWith(old)) {
    return { start: 0, old: '', added: added.slice(0, added.length - old.length) };
  }
  return { start: 0, old, added };
}

/** The edit without what its old and its new text have in common at their ends: only what really changes. */
export function trimmed(document: Lines, { range, text }: Change): Change {
  const old = textIn(document, range);
  const added = linesOf(text).join('\n');
  const most = Math.min(old.length, added.length);
  let head = 0;
  while (head < most && old[head] === added[head]) {
    head++;
  }
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === added.at(-1 - tail)) {
    tail++;
  }
  // Half of a character outside the basic plane is none.
  if (head > 0 && (isLowSurrogate(old[head]) || isLowSurrogate(added[head]))) {
    head--;
  }
  if (tail > 0 && (isLowSurrogate(old.at(-tail)) || isLowSurrogate(added.at(-tail)))) {
    tail--;
  }
  return {
    range: {
      start: endOf(range.start, old.slice(0, head)),
      end: endOf(range.start, old.slice(0, old.length - tail)),
    },
    text: added.slice(head, added.length - tail),
  };
}

function isLowSurrogate(unit: string | undefined): boolean {
  return unit !== undefined && /^[\udc00-\udfff]/.test(unit);
}

/** The text of a span, with line feeds whatever the document's line endings are. */
function textIn(document: Lines, { start, end }: Span): string {
  const lines = Array.from({ length: end.line - start.line + 1 }, (_, index) => document.textOf(start.line + index));
  lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, end.character);
  lines[0] = (lines[0] ?? '').slice(start.character);
  return lines.join('\n');
}
