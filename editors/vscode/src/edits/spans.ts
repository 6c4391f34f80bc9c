/** A place in a document: line and UTF-16 unit from 0, as VS Code and the protocol count them. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** The text between two places; `start` is never behind `end`. */
export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** The text of a span becomes another. */
export interface Change {
  readonly range: Span;
  readonly text: string;
}

/** Negative when the first place is before the second, 0 when they are the same. */
export function comparePlaces(first: Place, second: Place): number {
  return first.line - second.line || first.character - second.character;
}

/** The lines of a text, without their endings. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Where a text ends that begins at a place. */
export function endOf(start: Place, text: string): Place {
  const lines = linesOf(text);
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? { line: start.line, character: start.character + last.length }
    : { line: start.line + lines.length - 1, character: last.length };
}

/** The span that the new text of a change takes once it is made. */
export function spanAfter(change: Change): Span {
  return { start: change.range.start, end: endOf(change.range.start, change.text) };
}

/**
 * Where a place is after a change. Text that is inserted exactly there comes before it or after it, as wanted; a place
 * inside replaced text goes to that end of the new text.
 */
export function movePlace(place: Place, change: Change, inserted: 'before' | 'after'): Place {
  const { start, end } = change.range;
  const toStart = comparePlaces(place, start);
  if (toStart < 0) {
    return place;
  }
  const isInsertion = comparePlaces(start, end) === 0;
  if (toStart === 0 && (!isInsertion || inserted === 'after')) {
    return place;
  }
  const newEnd = endOf(start, change.text);
  if (comparePlaces(place, end) < 0) {
    return inserted === 'before' ? newEnd : start;
  }
  return place.line === end.line
    ? { line: newEnd.line, character: newEnd.character + place.character - end.character }
    : { line: place.line + newEnd.line - end.line, character: place.character };
}

/** Where a span is after a change. What is inserted at its borders stays outside. */
export function moveSpan(span: Span, change: Change): Span {
  const start = movePlace(span.start, change, 'before');
  const end = movePlace(span.end, change, 'after');
  return { start, end: comparePlaces(end, start) < 0 ? start : end };
}

/** A span after the changes of one event, each in the coordinates of the text that the one before it left. */
export function moveSpanOver(span: Span, changes: readonly Change[]): Span {
  return changes.reduce(moveSpan, span);
}

/** Whether two spans have text or a border in common. */
export function meet(first: Span, second: Span): boolean {
  return comparePlaces(first.start, second.end) <= 0 && comparePlaces(second.start, first.end) <= 0;
}

/** A change that is yet to be made, after others; undefined if one of them was made in its place or next to it. */
export function moveChangeOver<C extends Change>(planned: C, changes: readonly Change[]): C | undefined {
  let { range } = planned;
  for (const change of changes) {
    if (meet(range, change.range)) {
      return undefined;
    }
    range = moveSpan(range, change);
  }
  return { ...planned, range };
}
