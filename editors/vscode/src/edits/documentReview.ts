import {
  comparePlaces,
  linesOf,
  meet,
  moveSpan,
  moveSpanOver,
  spanAfter,
  type Change,
  type Place,
  type Span,
} from './spans';

/** A change of the server's as it was made, with the text that it took away. */
export interface LandedChange extends Change {
  readonly removed: string;
}

/** What a change of the server's left in the document. */
export interface Part {
  /** The new text; empty where text was only taken away. */
  readonly span: Span;
  readonly removed: string;
  /** The first line of the span is as it was: the new text begins with a line break. */
  readonly beginsWithBreak: boolean;
}

/** A change that can be kept or reverted on its own. */
export interface Hunk {
  /** Its number in the edit, from 1. */
  readonly hunk: number;
  readonly range: Span;
  /** Lines. */
  readonly removed: number;
  /** Lines. */
  readonly added: number;
}

/**
 * What an edit has changed in one document, followed through everything that is typed meanwhile: while it streams in,
 * and afterwards as long as the user can keep or revert it.
 */
export class DocumentReview {
  private landed: Part[] = [];
  private open: Hunk[] = [];
  private edge: Place | undefined;

  /** The edit whose hunks can be kept or reverted, once it has ended. */
  editId: string | undefined;

  /** `start` is where the edit begins to grow. */
  constructor(start: Place) {
    this.edge = start;
  }

  get parts(): readonly Part[] {
    return this.landed;
  }

  /** From top to bottom. Empty while the edit runs. */
  get hunks(): readonly Hunk[] {
    return this.open;
  }

  /** Where the edit grows, while it does. */
  get growingAt(): Place | undefined {
    return this.edge;
  }

  /** Takes what the running edit changed, in the order in which the changes were made. */
  land(changes: readonly LandedChange[]): void {
    for (const change of changes) {
      this.move([change]);
      const beginsWithBreak = /^[\r\n]/.test(change.text);
      this.landed.push({ span: spanAfter(change), removed: change.removed, beginsWithBreak });
    }
    if (this.edge !== undefined && changes.length > 0) {
      this.edge = this.landed
        .slice(-changes.length)
        .map((part) => part.span.end)
        .reduce((last, end) => (comparePlaces(end, last) > 0 ? end : last));
    }
  }

  /** Follows changes that are not the running edit's own. */
  move(changes: readonly Change[]): void {
    this.landed = this.landed.map((part) => ({ ...part, span: moveSpanOver(part.span, changes) }));
    this.open = this.open.map((hunk) => ({ ...hunk, range: moveSpanOver(hunk.range, changes) }));
    if (this.edge !== undefined) {
      this.edge = moveSpanOver({ start: this.edge, end: this.edge }, changes).start;
    }
  }

  /** The edit has ended, and this is what it left in the document. */
  finish(editId: string, hunks: readonly Hunk[]): void {
    this.editId = editId;
    this.edge = undefined;
    this.open = [...hunks].sort((first, second) => comparePlaces(first.range.start, second.range.start));
    this.dropPartsOfNoHunk();
  }

  /** Only these hunks can still be kept or reverted. */
  leave(hunks: ReadonlySet<number>): void {
    this.open = this.open.filter(({ hunk }) => hunks.has(hunk));
    this.dropPartsOfNoHunk();
  }

  /** Whether changes are made in a hunk or next to it, so that it may not be revertible any more. */
  isTouched(changes: readonly Change[]): boolean {
    let spans = this.open.map((hunk) => hunk.range);
    for (const change of changes) {
      if (spans.some((span) => meet(span, change.range))) {
        return true;
      }
      spans = spans.map((span) => moveSpan(span, change));
    }
    return false;
  }

  /** The hunk that a line belongs to. */
  hunkAt(line: number): Hunk | undefined {
    return this.open.find(({ range }) => range.start.line <= line && line <= range.end.line);
  }

  /** The first hunk below a line, or the first above it; after the last one comes the first again. */
  neighbour(line: number, direction: 'next' | 'previous'): Hunk | undefined {
    return direction === 'next'
      ? (this.open.find(({ range }) => range.start.line > line) ?? this.open.at(0))
      : (this.open.findLast(({ range }) => range.start.line < line) ?? this.open.at(-1));
  }

  private dropPartsOfNoHunk(): void {
    this.landed = this.landed.filter((part) => this.open.some((hunk) => meet(hunk.range, part.span)));
    for (const { range } of this.open) {
      // What was agreed to in a preview did not come through our hands: of that only the lines are known.
      if (!this.landed.some((part) => meet(range, part.span))) {
        this.landed.push({ span: range, removed: '', beginsWithBreak: false });
      }
    }
  }
}

/** The lines with new text in them, the last one included; undefined where text was only taken away. */
export function changedLines(part: Part): { first: number; last: number } | undefined {
  const { start, end } = part.span;
  if (comparePlaces(start, end) === 0) {
    return undefined;
  }
  const first = part.beginsWithBreak ? start.line + 1 : start.line;
  const last = end.character === 0 && end.line > first ? end.line - 1 : end.line;
  return { first, last: Math.max(first, last) };
}

/** How many whole lines were taken away without anything in their place. */
export function vanishedLines(part: Part): number {
  return comparePlaces(part.span.start, part.span.end) === 0 ? linesOf(part.removed).length - 1 : 0;
}
