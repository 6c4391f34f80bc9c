import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  changedLines,
  DocumentReview,
  vanishedLines,
  type Hunk,
  type LandedChange,
} from '../../src/edits/documentReview';
import type { Place, Span } from '../../src/edits/spans';

const at = (line: number, character: number): Place => ({ line, character });
const span = (start: Place, end: Place): Span => ({ start, end });
const landed = (range: Span, text: string, removed = ''): LandedChange => ({ range, text, removed });
const hunk = (number: number, range: Span): Hunk => ({ hunk: number, range, removed: 1, added: 1 });

describe('an edit while it streams in', () => {
  test('grows from where it was asked for to the end of what landed last', () => {
    const review = new DocumentReview(at(4, 0));
    assert.deepEqual(review.growingAt, at(4, 0));
    review.land([landed(span(at(6, 4), at(6, 8)), 'new\nlines', 'old!')]);
    assert.deepEqual(review.growingAt, at(7, 5));
    review.land([landed(span(at(9, 0), at(9, 1)), 'b'), landed(span(at(8, 0), at(8, 1)), 'a\n')]);
    assert.deepEqual(review.growingAt, at(10, 1));
  });

  test('is followed through what the user types between its batches', () => {
    const review = new DocumentReview(at(4, 0));
    review.land([landed(span(at(6, 4), at(6, 8)), 'new', 'old!')]);
    review.move([{ range: span(at(2, 0), at(2, 0)), text: 'typed\n' }]);
    review.land([landed(span(at(8, 0), at(8, 0)), 'more')]);
    assert.deepEqual(
      review.parts.map((part) => part.span),
      [span(at(7, 4), at(7, 7)), span(at(8, 0), at(8, 4))],
    );
    assert.equal(review.parts[0]?.removed, 'old!');
    assert.deepEqual(review.growingAt, at(8, 4));
  });

  test('has nothing to keep or revert yet', () => {
    const review = new DocumentReview(at(0, 0));
    review.land([landed(span(at(0, 0), at(0, 0)), 'x')]);
    assert.deepEqual(review.hunks, []);
  });
});

describe('an edit that has ended', () => {
  function ended(): DocumentReview {
    const review = new DocumentReview(at(1, 0));
    review.land([landed(span(at(2, 0), at(2, 3)), 'abc', 'xyz')]);
    review.land([landed(span(at(5, 0), at(5, 0)), 'new\n')]);
    review.finish('edit-1', [hunk(2, span(at(5, 0), at(6, 0))), hunk(1, span(at(2, 0), at(2, 3)))]);
    return review;
  }

  test('does not grow any more, and has its hunks from top to bottom', () => {
    const review = ended();
    assert.equal(review.growingAt, undefined);
    assert.deepEqual(
      review.hunks.map(({ hunk: number }) => number),
      [1, 2],
    );
  });

  test('shows only what the server says is left', () => {
    const review = ended();
    review.leave(new Set([2]));
    assert.deepEqual(
      review.parts.map((part) => part.span),
      [span(at(5, 0), at(6, 0))],
    );
    review.leave(new Set());
    assert.deepEqual(review.parts, []);
  });

  test('shows the lines of a hunk that did not come through here', () => {
    const review = new DocumentReview(at(1, 0));
    review.finish('edit-1', [hunk(1, span(at(3, 0), at(4, 2)))]);
    assert.deepEqual(
      review.parts.map((part) => part.span),
      [span(at(3, 0), at(4, 2))],
    );
  });

  test('is followed through what the user types, and knows when that is in a hunk', () => {
    const review = ended();
    const above = [{ range: span(at(0, 0), at(0, 0)), text: '\n\n' }];
    assert.ok(!review.isTouched(above));
    review.move(above);
    assert.deepEqual(review.hunks[0]?.range, span(at(4, 0), at(4, 3)));
    assert.ok(review.isTouched([{ range: span(at(4, 1), at(4, 2)), text: '' }]));
    // The second change is where the first has moved the hunk to.
    assert.ok(review.isTouched([...above, { range: span(at(6, 1), at(6, 2)), text: '' }]));
  });

  test('finds the hunk at a line and its neighbours', () => {
    const review = ended();
    assert.equal(review.hunkAt(2)?.hunk, 1);
    assert.equal(review.hunkAt(3), undefined);
    assert.equal(review.neighbour(3, 'next')?.hunk, 2);
    assert.equal(review.neighbour(5, 'next')?.hunk, 1);
    assert.equal(review.neighbour(5, 'previous')?.hunk, 1);
    assert.equal(review.neighbour(2, 'previous')?.hunk, 2);
  });
});

describe('the lines of a part', () => {
  function partOf(change: LandedChange): DocumentReview['parts'][number] {
    const review = new DocumentReview(at(0, 0));
    review.land([change]);
    const part = review.parts[0];
    assert.ok(part !== undefined);
    return part;
  }

  test('are those with new text', () => {
    assert.deepEqual(changedLines(partOf(landed(span(at(3, 0), at(3, 0)), 'a\nb\n'))), { first: 3, last: 4 });
    assert.deepEqual(changedLines(partOf(landed(span(at(3, 7), at(3, 7)), '\na\nb'))), { first: 4, last: 5 });
    assert.deepEqual(changedLines(partOf(landed(span(at(3, 2), at(4, 1)), 'x'))), { first: 3, last: 3 });
  });

  test('are none where text was only taken away; how many went is known', () => {
    const part = partOf(landed(span(at(3, 0), at(5, 0)), '', 'a\r\nb\r\n'));
    assert.equal(changedLines(part), undefined);
    assert.equal(vanishedLines(part), 2);
    assert.equal(vanishedLines(partOf(landed(span(at(3, 0), at(4, 0)), 'x\n', 'a\n'))), 0);
  });
});
