import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isVariableName, keyProblem, offeredVariables } from '../src/keys/names';
import { levelOf } from '../src/server/serverLog';

test('names of variables', () => {
  for (const name of ['OPENAI_API_KEY', '_k', 'k2']) {
    assert.ok(isVariableName(name), name);
  }
  for (const name of ['', '2K', 'MY-KEY', 'A B', 'A=B', 'Ä', 'KEY\n']) {
    assert.ok(!isVariableName(name), name);
  }
});

test('a key can go into a header', () => {
  assert.equal(keyProblem(' sk-0123_abc\n'), undefined);
  assert.match(keyProblem('  ') ?? '', /Enter/);
  for (const key of ['two words', 'clé', 'a\nb', '“quoted”']) {
    assert.match(keyProblem(key) ?? '', /ASCII/, key);
  }
});

test('the variables to choose from', () => {
  const endpoints = { mine: { apiKeyEnv: 'MY_KEY' }, local: {}, odd: null, wrong: { apiKeyEnv: 'not a name' } };
  assert.deepEqual(offeredVariables(['OPENAI_API_KEY', undefined, 'MY_KEY'], endpoints), ['OPENAI_API_KEY', 'MY_KEY']);
  assert.deepEqual(offeredVariables([], endpoints), ['MY_KEY']);
  assert.deepEqual(offeredVariables([], undefined), []);
  assert.deepEqual(offeredVariables([], 'nonsense'), []);
});

test("each line of the server's log has its level", () => {
  assert.equal(levelOf('2026-11-27 23:38:17,123 INFO spark_lsp.server: ERROR in a message'), 'info');
  assert.equal(levelOf('2026-11-27 23:38:17,123 WARNING spark_lsp.server: x'), 'warn');
  assert.equal(levelOf('2026-11-27 23:38:17,123 DEBUG spark_lsp.server: x'), 'debug');
  assert.equal(levelOf('2026-11-27 23:38:17,123 CRITICAL spark_lsp.server: x'), 'error');
  assert.equal(levelOf('Traceback (most recent call last):'), 'error');
});
