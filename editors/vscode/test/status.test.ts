import assert from 'node:assert/strict';
import { test } from 'node:test';

import { statusLabel, statusText, type Status } from '../src/status/status';

const READY: Status = { state: 'ready', endpoint: 'cerebras', model: 'openai/gpt-oss-120b', busy: [] };

test('model and latency stand in the status bar', () => {
  assert.equal(statusText('running', READY).text, '$(sparkle) gpt-oss-120b');
  assert.equal(statusText('running', { ...READY, firstTokenMs: 87.4 }).text, '$(sparkle) gpt-oss-120b 87 ms');
  assert.equal(statusText('running', { ...READY, firstTokenMs: 1240 }).text, '$(sparkle) gpt-oss-120b 1.2 s');
});

test('the tooltip has all that is known', () => {
  const status: Status = {
    ...READY,
    state: 'busy',
    message: 'cerebras: CEREBRAS_API_KEY is set',
    busy: [
      { task: 'edit', uri: 'file:///a' },
      { task: 'inline', uri: 'file:///a' },
      { task: 'inline', uri: 'file:///b' },
    ],
    firstTokenMs: 150,
    tokensPerSecond: 1234.5,
    todayUsd: 0.0123,
  };
  assert.deepEqual(statusText('running', status), {
    text: '$(loading~spin) gpt-oss-120b 150 ms',
    tooltip: [
      'Spark: busy',
      'cerebras: CEREBRAS_API_KEY is set',
      'Endpoint: cerebras',
      'Model: openai/gpt-oss-120b',
      'Last first token: 150 ms',
      'Tokens a second: 1235',
      'Today: $0.0123',
      'At work on: an edit, ghost text',
    ],
    severity: 'information',
  });
  assert.ok(statusText('running', { ...READY, todayUsd: 3.14159 }).tooltip.includes('Today: $3.14'));
});

test('it does not turn at every key', () => {
  const typing: Status = { ...READY, state: 'busy', busy: [{ task: 'inline', uri: 'file:///a' }] };
  assert.equal(statusText('running', typing).text, '$(sparkle) gpt-oss-120b');
});

test('what is wrong is seen', () => {
  assert.equal(statusText('running', { ...READY, state: 'error' }).severity, 'warning');
  assert.equal(statusText('running', { ...READY, state: 'limited' }).severity, 'warning');
  const offline = statusText('running', {
    state: 'offline',
    message: 'Why.',
    endpoint: 'offline',
    model: '',
    busy: [],
  });
  assert.deepEqual(offline, {
    text: '$(circle-slash) Spark offline',
    tooltip: ['Spark: offline', 'Why.'],
    severity: 'information',
  });
});

test('without a server it says so', () => {
  assert.deepEqual(statusText('stopped', READY, 'It is not installed.'), {
    text: '$(debug-disconnect) Spark',
    tooltip: ['It is not installed.'],
    severity: 'error',
  });
  assert.equal(statusText('starting', undefined).text, '$(loading~spin) Spark');
  assert.equal(statusText('running', undefined).text, '$(loading~spin) Spark', 'until it has said something');
});

test('a model may be called anything', () => {
  const named = (model: string): string => statusText('running', { ...READY, model }).text;
  assert.equal(named('$(bomb) x'), '$(sparkle) $ (bomb) x');
  assert.equal(named('C:/models/a\nb'), '$(sparkle) a b');
  assert.equal(named(''), '$(sparkle) cerebras');
  assert.equal(named('x'.repeat(60)), `$(sparkle) ${'x'.repeat(27)}…`);
  assert.equal(statusLabel({ ...READY, model: '' }), 'cerebras');
});
