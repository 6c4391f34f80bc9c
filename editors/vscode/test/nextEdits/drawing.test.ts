import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Change, Place } from '../../src/edits/spans';
import { drawingOf, trimmed, type Drawing, type Lines } from '../../src/nextEdits/drawing';

const at = (line: number, character: number): Place => ({ line, character });
const change = (start: Place, end: Place, text: string): Change => ({ range: { start, end }, text });

function linesOf(text: string): Lines {
  const lines = text.split('\n');
  return { lineCount: lines.length, textOf: (line) => lines[line] ?? '' };
}

const NOTHING: Drawing = { removed: [], removedLines: [], inserted: [], blocks: [] };
const CODE = linesOf('def area(width, height):\n    return width * height\n\nprint(area(1, 2))');

describe('an edit inside a line', () => {
  test('is an insertion where text only comes in', () => {
    assert.deepEqual(drawingOf(CODE, change(at(0, 22), at(0, 22), ', depth')), {
      ...NOTHING,
      inserted: [{ at: at(0, 22), text: ', depth' }],
    });
  });

  test('is struck through where text only goes', () => {
    assert.deepEqual(drawingOf(CODE, change(at(3, 12), at(3, 15), '')), {
      ...NOTHING,
      removed: [{ start: at(3, 12), end: at(3, 15) }],
    });
  });

  test('has the new word behind the old one where that is replaced', () => {
    assert.deepEqual(drawingOf(CODE, change(at(1, 11), at(1, 16), 'breadth')), {
      ...NOTHING,
      removed: [{ start: at(1, 11), end: at(1, 16) }],
      inserted: [{ at: at(1, 16), text: 'breadth' }],
    });
  });

  test('shows only what is new of a word that grows', () => {
    assert.deepEqual(drawingOf(CODE, change(at(1, 11), at(1, 16), 'width_in_mm')), {
      ...NOTHING,
      inserted: [{ at: at(1, 16), text: '_in_mm' }],
    });
  });

  test('is several changes, however the range was chosen', () => {
    assert.deepEqual(drawingOf(CODE, change(at(3, 0), at(3, 17), 'print(volume(1, 2, 3))')), {
      ...NOTHING,
      removed: [{ start: at(3, 6), end: at(3, 10) }],
      inserted: [
        { at: at(3, 10), text: 'volume' },
        { at: at(3, 15), text: ', 3' },
      ],
    });
  });

  test('is a new line beside the old one where hardly anything stays', () => {
    assert.deepEqual(drawingOf(CODE, change(at(1, 4), at(1, 25), 'raise NotImplementedError')), {
      ...NOTHING,
      removedLines: [1],
      blocks: [{ line: 1, lines: ['    raise NotImplementedError'] }],
    });
  });
});

describe('an edit of several lines', () => {
  test('is drawn in each line where those stay the same ones', () => {
    assert.deepEqual(drawingOf(CODE, change(at(0, 9), at(1, 16), 'breadth, height):\n    return breadth')), {
      ...NOTHING,
      removed: [
        { start: at(0, 9), end: at(0, 14) },
        { start: at(1, 11), end: at(1, 16) },
      ],
      inserted: [
        { at: at(0, 14), text: 'breadth' },
        { at: at(1, 16), text: 'breadth' },
      ],
    });
  });

  test('is a block where lines come in, at their place whichever way they are inserted', () => {
    const expected = { ...NOTHING, blocks: [{ line: 1, lines: ['    # The area.', '    check(width)'] }] };
    assert.deepEqual(drawingOf(CODE, change(at(1, 0), at(1, 0), '    # The area.\n    check(width)\n')), expected);
    assert.deepEqual(
      drawingOf(CODE, change(at(0, 24), at(0, 24), '\r\n    # The area.\r\n    check(width)')),
      expected,
    );
  });

  test('strikes lines through that go', () => {
    assert.deepEqual(drawingOf(CODE, change(at(1, 0), at(3, 0), '')), { ...NOTHING, removedLines: [1, 2] });
  });

  test('has other lines beside those that go', () => {
    assert.deepEqual(drawingOf(CODE, change(at(1, 4), at(1, 25), 'result = width * height\n    return result')), {
      ...NOTHING,
      removedLines: [1],
      blocks: [{ line: 1, lines: ['    result = width * height', '    return result'] }],
    });
  });

  test('comes behind the last line', () => {
    const text = linesOf('a');
    assert.deepEqual(drawingOf(text, change(at(0, 1), at(0, 1), '\nb')), {
      ...NOTHING,
      blocks: [{ line: 1, lines: ['b'] }],
    });
  });
});

describe('the smallest change', () => {
  test('leaves out what is the same at both ends', () => {
    assert.deepEqual(
      trimmed(CODE, change(at(0, 0), at(1, 25), 'def area(width, depth):\n    return width * height')),
      change(at(0, 16), at(0, 22), 'depth'),
    );
  });

  test('takes the same line endings for the same', () => {
    assert.deepEqual(
      trimmed(CODE, change(at(0, 0), at(2, 0), 'def area(width, height):\r\n    return 0\r\n')),
      change(at(1, 11), at(1, 25), '0'),
    );
  });

  test('is nothing where nothing changes', () => {
    assert.deepEqual(trimmed(CODE, change(at(0, 4), at(0, 8), 'area')), change(at(0, 8), at(0, 8), ''));
  });

  test('does not cut characters in halves', () => {
    assert.deepEqual(trimmed(linesOf('a😀b'), change(at(0, 0), at(0, 4), 'a😁b')), change(at(0, 1), at(0, 3), '😁'));
    assert.deepEqual(trimmed(linesOf('a😀b'), change(at(0, 0), at(0, 4), 'a🐀b')), change(at(0, 1), at(0, 3), '🐀'));
  });
});
