import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Span } from '../../src/edits/spans';
import { hintAtCursor, noteAtEdit, stageOf } from '../../src/nextEdits/stage';

const EDIT: Span = { start: { line: 41, character: 4 }, end: { line: 42, character: 0 } };
const VISIBLE = [
  { first: 0, last: 20 },
  { first: 40, last: 60 },
];

describe('where the user is', () => {
  const cases: [string, number, typeof VISIBLE, boolean, ReturnType<typeof stageOf>][] = [
    ['on the first line of the edit', 41, VISIBLE, true, 'atCursor'],
    ['on its last line', 42, VISIBLE, true, 'atCursor'],
    ['below it, and sees it', 43, VISIBLE, true, 'inSight'],
    ['above it, and sees it behind folded lines', 3, VISIBLE, true, 'inSight'],
    ['where it cannot be seen', 3, [{ first: 0, last: 30 }], true, 'outOfSight'],
    ['on its line, and has scrolled away', 41, [{ first: 0, last: 30 }], true, 'atCursor'],
    ['on the same line of another document', 41, VISIBLE, false, 'elsewhere'],
  ];
  for (const [name, cursorLine, visible, isSameDocument, expected] of cases) {
    test(name, () => {
      assert.equal(stageOf(EDIT, { cursorLine, visible, isSameDocument }), expected);
    });
  }
});

test('a hint says where an edit is that cannot be seen, with lines that count from one', () => {
  assert.equal(hintAtCursor('outOfSight', EDIT, 'a.py'), '⇥ Tab: next edit at line 42');
  assert.equal(hintAtCursor('elsewhere', EDIT, 'a.py'), '⇥ Tab: next edit in a.py, line 42');
  assert.equal(hintAtCursor('inSight', EDIT, 'a.py'), undefined);
  assert.equal(hintAtCursor('atCursor', EDIT, 'a.py'), undefined);
});

test('the edit itself says what Tab does', () => {
  assert.notEqual(noteAtEdit('atCursor'), noteAtEdit('inSight'));
});
