import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { userSettings, type Declared, type Inspected } from '../src/settings/userSettings';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: { configuration: { properties: Record<string, Declared & { default?: unknown }> } };
};
const declared = manifest.contributes.configuration.properties;

function sent(values: Record<string, Inspected>, trusted = true): Record<string, unknown> {
  return userSettings(declared, (key) => values[key], trusted);
}

test('what nobody set is not sent', () => {
  assert.deepEqual(sent({}), {});
  assert.deepEqual(sent({ 'inline.enabled': {}, endpoint: { globalValue: undefined } }), {});
});

test('what the user set is sent as the server spells it', () => {
  const endpoints = { mine: { baseUrl: 'http://127.0.0.1:8000/v1', model: 'm' } };
  assert.deepEqual(
    sent({
      endpoint: { globalValue: 'mine' },
      endpoints: { globalValue: endpoints },
      'routes.inline': { globalValue: 'ollama' },
      'inline.enabled': { globalValue: false },
      'inline.maxLines': { globalValue: 3 },
    }),
    { endpoint: 'mine', endpoints, routes: { inline: 'ollama' }, inline: { enabled: false, maxLines: 3 } },
  );
});

test('a workspace wins where it may say anything', () => {
  const values = { 'edit.apply': { globalValue: 'once', workspaceValue: 'preview' } };
  assert.deepEqual(sent(values), { edit: { apply: 'preview' } });
  assert.deepEqual(sent(values, false), { edit: { apply: 'once' } }, 'not trusted');
});

test('a workspace never says where the code goes, what it costs or what is held back', () => {
  const theirs = { workspaceValue: 'theirs' };
  const keys = [
    'endpoint',
    'endpoints',
    'fallback',
    'routes.edit',
    'limits.usdPerDay',
    'ledger.enabled',
    'log.prompts',
  ];
  for (const key of [...keys, 'privacy.redactSecrets']) {
    assert.equal(declared[`spark.${key}`]?.scope, 'machine', key);
    assert.deepEqual(sent({ [key]: theirs }), {}, key);
  }
});

test('what the workspace excludes is excluded besides what the user does', () => {
  const values = { 'privacy.exclude': { globalValue: ['*.pem'], workspaceValue: ['secret/'] } };
  assert.deepEqual(sent(values), { privacy: { exclude: ['secret/', '*.pem'] } });
});

test('the settings of the extension itself stay here', () => {
  assert.deepEqual(sent({ path: { globalValue: ['/bin/true'] }, 'trace.server': { globalValue: 'verbose' } }), {});
  assert.equal(declared['spark.path']?.scope, 'machine');
});

test('in a workspace that is not trusted all settings are restricted', () => {
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, Object.keys(declared));
});

test("the settings in package.json are those of the server's schema", () => {
  const check = spawnSync(process.execPath, ['scripts/settings.mjs', '--check'], { encoding: 'utf8' });
  assert.equal(check.status, 0, check.stderr);
});
