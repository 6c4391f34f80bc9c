import assert from 'node:assert/strict';
import { test } from 'node:test';

import { candidates, type Surroundings } from '../src/server/candidates';

const LINUX: Surroundings = {
  configured: [],
  trusted: true,
  folders: ['/code/shop', '/code/till'],
  interpreter: '/envs/shop/bin/python',
  environment: { PATH: '/usr/bin:/code/shop/bin::relative:/opt/bin' },
  home: '/home/me',
  platform: 'linux',
};

function found(surroundings: Surroundings): string[] {
  return candidates(surroundings).map(({ origin, program }) => `${origin} ${program}`);
}

test('the workspace comes first, then its interpreter, the PATH and the places of uv and pipx', () => {
  assert.deepEqual(found(LINUX), [
    'workspace /code/shop/.venv/bin/spark-lsp',
    'workspace /code/till/.venv/bin/spark-lsp',
    'interpreter /envs/shop/bin/spark-lsp',
    'path /usr/bin/spark-lsp',
    'path /code/shop/bin/spark-lsp',
    'path /opt/bin/spark-lsp',
    'user /home/me/.local/bin/spark-lsp',
  ]);
});

test('of a workspace that is not trusted nothing is a candidate, whatever the PATH says', () => {
  const environment = { PATH: '/usr/bin:/code/shop/bin:/code/shop:/code/shopping/bin', PIPX_BIN_DIR: '/code/till/bin' };
  assert.deepEqual(found({ ...LINUX, trusted: false, environment }), [
    'path /usr/bin/spark-lsp',
    'path /code/shopping/bin/spark-lsp',
    'user /home/me/.local/bin/spark-lsp',
  ]);
});

test('the setting is the only candidate', () => {
  assert.deepEqual(candidates({ ...LINUX, configured: ['/opt/uv', 'run', 'spark-lsp'] }), [
    { program: '/opt/uv', arguments: ['run', 'spark-lsp'], origin: 'setting' },
  ]);
  assert.deepEqual(found({ ...LINUX, configured: ['~/bin/spark-lsp'] }), ['setting /home/me/bin/spark-lsp']);
});

test('a name in the setting is looked for on the PATH, and a relative path is nowhere', () => {
  assert.deepEqual(found({ ...LINUX, configured: ['uv'], trusted: false }), [
    'setting /usr/bin/uv',
    'setting /opt/bin/uv',
  ]);
  assert.deepEqual(found({ ...LINUX, configured: ['bin/spark-lsp'] }), []);
});

test('where uv and pipx were told to install programs', () => {
  const environment = { UV_TOOL_BIN_DIR: '/tools', XDG_BIN_HOME: 'relative', PIPX_BIN_DIR: '/home/me/.local/bin' };
  assert.deepEqual(found({ ...LINUX, folders: [], interpreter: undefined, environment }), [
    'user /tools/spark-lsp',
    'user /home/me/.local/bin/spark-lsp',
  ]);
});

test('Windows has other names, another PATH, and scripts beside the interpreter', () => {
  const windows: Surroundings = {
    configured: [],
    trusted: true,
    folders: ['C:\\code\\shop'],
    interpreter: 'C:\\Python313\\python.exe',
    environment: { Path: 'C:\\Windows;c:\\CODE\\shop\\bin' },
    home: 'C:\\Users\\me',
    platform: 'win32',
  };
  assert.deepEqual(found(windows), [
    'workspace C:\\code\\shop\\.venv\\Scripts\\spark-lsp.exe',
    'interpreter C:\\Python313\\spark-lsp.exe',
    'interpreter C:\\Python313\\Scripts\\spark-lsp.exe',
    'path C:\\Windows\\spark-lsp.exe',
    'path c:\\CODE\\shop\\bin\\spark-lsp.exe',
    'user C:\\Users\\me\\.local\\bin\\spark-lsp.exe',
  ]);
  assert.deepEqual(found({ ...windows, trusted: false }), [
    'path C:\\Windows\\spark-lsp.exe',
    'user C:\\Users\\me\\.local\\bin\\spark-lsp.exe',
  ]);
});
