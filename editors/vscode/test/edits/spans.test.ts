import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  comparePlaces,
  endOf,
  moveChangeOver,
  moveSpan,
  moveSpanOver,
  type Change,
  type Place,
  type Span,
} from '../../src/edits/spans';

const at = (line: number, character: number): Place => ({ line, character });
const span = (start: Place, end: Place): Span => ({ start, end });
const change = (start: Place, end: Place, text: string): Change => ({ range: { start, end }, text });

describe('where spans are after a change', () => {
  const cases: { name: string; given: Span; done: Change; expected: Span }[] = [
    {
      name: 'typing above moves it down',
      given: span(at(3, 2), at(4, 1)),
      done: change(at(1, 0), at(1, 0), 'a\nb\n'),
      expected: span(at(5, 2), at(6, 1)),
    },
    {
      name: 'typing on its first line in front of it moves that end only',
      given: span(at(3, 2), at(4, 1)),
      done: change(at(3, 0), at(3, 0), 'xy'),
      expected: span(at(3, 4), at(4, 1)),
    },
    {
      name: 'typing inside makes it longer',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(3, 5), at(3, 5), '\r\n'),
      expected: span(at(3, 2), at(4, 3)),
    },
    {
      name: 'typing at its start stays outside',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(3, 2), at(3, 2), 'abc'),
      expected: span(at(3, 5), at(3, 11)),
    },
    {
      name: 'typing at its end stays outside',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(3, 8), at(3, 8), 'abc'),
      expected: span(at(3, 2), at(3, 8)),
    },
    {
      name: 'typing below changes nothing',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(4, 0), at(5, 0), ''),
      expected: span(at(3, 2), at(3, 8)),
    },
    {
      name: 'what is deleted around it leaves an empty one',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(2, 1), at(4, 0), ''),
      expected: span(at(2, 1), at(2, 1)),
    },
    {
      name: 'what replaces its end is not its own',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(3, 6), at(3, 10), 'long text'),
      expected: span(at(3, 2), at(3, 6)),
    },
    {
      name: 'what replaces its start is not its own',
      given: span(at(3, 2), at(3, 8)),
      done: change(at(3, 0), at(3, 4), 'a\nbc'),
      expected: span(at(4, 2), at(4, 6)),
    },
    {
      name: 'an empty one goes along with the text behind it',
      given: span(at(3, 2), at(3, 2)),
      done: change(at(3, 2), at(3, 2), 'abc'),
      expected: span(at(3, 5), at(3, 5)),
    },
  ];
  for (const { name, given, done, expected } of cases) {
    test(name, () => {
      assert.deepEqual(moveSpan(given, done), expected);
    });
  }

  test('changes of one event come from the bottom up', () => {
    const moved = moveSpanOver(span(at(5, 0), at(6, 0)), [
      change(at(9, 0), at(9, 0), '\n'),
      change(at(1, 0), at(3, 0), ''),
    ]);
    assert.deepEqual(moved, span(at(3, 0), at(4, 0)));
  });

  test('a span holds the same text whatever is done around it', () => {
    const text = 'ab\ncde\n\nfghi\njk';
    for (let from = 0; from <= text.length; from++) {
      for (let to = from; to <= text.length; to++) {
        for (const [start, end] of [
          [3, 6],
          [6, 9],
        ] as const) {
          if (from < end && to > start) {
            continue;
          }
          const done = change(placeIn(text, from), placeIn(text, to), 'X\nY');
          const moved = moveSpan(span(placeIn(text, start), placeIn(text, end)), done);
          const after = `${text.slice(0, from)}X\nY${text.slice(to)}`;
          assert.equal(textIn(after, moved), text.slice(start, end), `after ${from} to ${to}`);
        }
      }
    }
  });
});

test('a text ends behind its last line', () => {
  assert.deepEqual(endOf(at(2, 5), 'ab'), at(2, 7));
  assert.deepEqual(endOf(at(2, 5), 'ab\r\nc\rd\n'), at(5, 0));
  assert.ok(comparePlaces(at(2, 9), at(3, 0)) < 0);
});

describe('a change that is yet to be made', () => {
  const planned = { ...change(at(4, 2), at(4, 6), 'new'), id: 'next-1' };

  test('moves along with what is typed elsewhere', () => {
    const typed = [change(at(9, 0), at(9, 0), 'x'), change(at(4, 0), at(4, 0), '  '), change(at(1, 0), at(1, 0), '\n')];
    assert.deepEqual(moveChangeOver(planned, typed), { ...change(at(5, 4), at(5, 8), 'new'), id: 'next-1' });
  });

  test('is no longer right once something is typed in its place or at its borders', () => {
    for (const character of [2, 4, 6]) {
      assert.equal(moveChangeOver(planned, [change(at(4, character), at(4, character), 'x')]), undefined);
    }
    assert.equal(moveChangeOver(planned, [change(at(3, 0), at(5, 0), '')]), undefined);
    // The first change moves it to where the second is made.
    const typed = [change(at(1, 0), at(1, 0), '\n'), change(at(5, 3), at(5, 4), '')];
    assert.equal(moveChangeOver(planned, typed), undefined);
  });
});

function placeIn(text: string, offset: number): Place {
  return endOf(at(0, 0), text.slice(0, offset));
}

function textIn(text: string, { start, end }: Span): string {
  const offset = ({ line, character }: Place): number =>
    text
      .split('\n')
      .slice(0, line)
      .reduce((sum, one) => sum + one.length + 1, 0) + character;
  return text.slice(offset(start), offset(end));
}
