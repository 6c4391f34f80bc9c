import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { InstructionHistory, MOST_REMEMBERED } from '../../src/edits/instructionHistory';

describe('the history of instructions', () => {
  test('has the newest first and each only once', () => {
    const history = InstructionHistory.from(['add types', 'use pathlib', 'simplify']).with('  use   pathlib ');
    assert.deepEqual(history.instructions, ['use pathlib', 'add types', 'simplify']);
  });

  test('forgets the oldest', () => {
    const many = Array.from({ length: MOST_REMEMBERED }, (_, index) => `number ${index}`);
    const { instructions } = InstructionHistory.from(many).with('one more');
    assert.equal(instructions.length, MOST_REMEMBERED);
    assert.equal(instructions[0], 'one more');
    assert.ok(!instructions.includes(`number ${MOST_REMEMBERED - 1}`));
  });

  test('forgets what the user takes out', () => {
    assert.deepEqual(InstructionHistory.from(['a', 'b']).without('a').instructions, ['b']);
  });

  test('takes what was stored, however it was spoilt', () => {
    assert.deepEqual(InstructionHistory.from(undefined).instructions, []);
    assert.deepEqual(InstructionHistory.from({ a: 1 }).instructions, []);
    assert.deepEqual(InstructionHistory.from(['a', 7, null, '', 'a']).instructions, ['a']);
  });

  test('finds all words in any order and case', () => {
    const history = InstructionHistory.from(['Use pathlib here', 'use os.path', 'add types']);
    assert.deepEqual(history.matching('here USE'), ['Use pathlib here']);
    assert.deepEqual(history.matching('use'), ['Use pathlib here', 'use os.path']);
    assert.deepEqual(history.matching(''), history.instructions);
  });
});
