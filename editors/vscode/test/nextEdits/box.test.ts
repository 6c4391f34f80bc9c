import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { boxesOf, visible, type Row } from '../../src/nextEdits/box';
import type { Block, Insertion, Lines } from '../../src/nextEdits/drawing';

function linesOf(...lines: string[]): Lines {
  return { lineCount: lines.length, textOf: (line) => lines[line] ?? '' };
}

const NONE: Insertion[] = [];

function boxOf(document: Lines, block: Block, tabSize: number, inserted: readonly Insertion[]): Row[] {
  return boxesOf(document, [block], tabSize, inserted);
}

/** Where every row begins, in columns from the left of the window. */
function columns(document: Lines, rows: readonly { line: number; margin: number }[]): number[] {
  return rows.map(({ line, margin }) => document.textOf(line).length + margin);
}

describe('the box of new lines', () => {
  const code = linesOf('if x:', '    a long line of code', '', 'y');

  test('begins in one column, to the right of all code beside it', () => {
    const rows = boxOf(code, { line: 0, lines: ['    one', '      two', '    three'] }, 4, NONE);
    assert.deepEqual(
      rows.map(({ line }) => line),
      [0, 1, 2],
    );
    assert.deepEqual(new Set(columns(code, rows)), new Set([27]));
    assert.deepEqual(
      rows.map(({ text }) => text),
      [' one   ', '   two ', ' three '].map(visible),
    );
  });

  test('makes room for what is drawn in the lines beside it', () => {
    const inserted = [{ at: { line: 0, character: 2 }, text: ' a long condition' + ' and more'.repeat(2) }];
    const rows = boxOf(code, { line: 0, lines: ['one', 'two'] }, 4, inserted);
    assert.equal(rows[0]?.margin, 4);
    assert.equal(rows[1]?.margin, 5 + 17 + 18 + 4 - 23);
  });

  test('goes up where the document ends', () => {
    const rows = boxOf(code, { line: 4, lines: ['one', 'two'] }, 4, NONE);
    assert.deepEqual(
      rows.map(({ line }) => line),
      [2, 3],
    );
  });

  test('has no more rows than the document has lines, and counts the rest of a long one', () => {
    assert.equal(boxOf(linesOf('a'), { line: 0, lines: ['one', 'two'] }, 4, NONE).length, 1);
    const long = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const rows = boxOf(linesOf(...long), { line: 0, lines: long }, 4, NONE);
    assert.equal(rows.length, 17);
    assert.match(rows.at(-1)?.text ?? '', /14.more.lines/);
  });

  test('counts tabs and wide characters as the editor shows them', () => {
    const document = linesOf('\tx', '漢字', 'abc');
    const rows = boxOf(document, { line: 0, lines: ['\tone', '\t\ttwo', '\t漢'] }, 8, NONE);
    assert.deepEqual(
      rows.map(({ margin }) => margin),
      [4, 9, 10],
    );
    assert.deepEqual(
      rows.map(({ text }) => text),
      [' one         ', '         two ', ' 漢          '].map(visible),
    );
  });

  test('stands below the box above it, and both go up where the document ends', () => {
    const blocks = [
      { line: 1, lines: ['one', 'two'] },
      { line: 2, lines: ['three', 'four'] },
    ];
    const lines = (document: Lines): number[] => boxesOf(document, blocks, 4, NONE).map(({ line }) => line);
    assert.deepEqual(lines(linesOf('', '', '', '', '', '')), [1, 2, 3, 4]);
    assert.deepEqual(lines(linesOf('', '', '', '')), [0, 1, 2, 3]);
    assert.deepEqual(lines(linesOf('', '', '')), [0, 1, 2]);
    assert.deepEqual(lines(linesOf('')), [0]);
  });

  test('stands at its own place where the box above leaves it free', () => {
    const rows = boxesOf(
      code,
      [
        { line: 0, lines: ['one'] },
        { line: 3, lines: ['two'] },
      ],
      4,
      NONE,
    );
    assert.deepEqual(
      rows.map(({ line, text }) => [line, text]),
      [
        [0, visible(' one ')],
        [3, visible(' two ')],
      ],
    );
  });
});
