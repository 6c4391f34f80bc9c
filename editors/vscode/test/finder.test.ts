import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import type { Surroundings } from '../src/server/candidates';
import { findServer } from '../src/server/finder';

// The programs are shell scripts; what a place is called on Windows is tested with the candidates.
const skip = process.platform === 'win32';

let root = '';

before(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'finder-'));
});

after(async () => {
  await rm(root, { recursive: true });
});

async function program(folder: string, script: string): Promise<string> {
  const file = path.join(root, folder, 'spark-lsp');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

function surroundings(over: Partial<Surroundings>): Surroundings {
  return {
    configured: [],
    trusted: true,
    folders: [],
    environment: { PATH: '' },
    home: root,
    platform: process.platform,
    ...over,
  };
}

const unheard = (message: string): never => assert.fail(message);

test('the first program that says its version is taken, with its arguments before --version', { skip }, async () => {
  const file = await program(
    'good',
    '[ "$1 $2" = "--log-level debug" ] && [ "$3" = --version ] && echo "spark-lsp 1.2.3"',
  );
  const found = await findServer(surroundings({ configured: [file, '--log-level', 'debug'] }), unheard);
  assert.deepEqual(found, {
    candidate: { program: file, arguments: ['--log-level', 'debug'], origin: 'setting' },
    version: '1.2.3',
  });
});

test('what is there and is not the server is passed over, and told', { skip }, async () => {
  const other = await program('other', 'echo "apache-spark 4.0.0"');
  const broken = await program('broken', 'exit 3');
  const good = await program('path', 'echo "spark-lsp 0.1.0"');
  const notes: string[] = [];
  const PATH = [other, broken, good].map((file) => path.dirname(file)).join(path.delimiter);
  const found = await findServer(surroundings({ environment: { PATH } }), (message) => notes.push(message));
  assert.ok('candidate' in found && found.candidate.program === good);
  assert.deepEqual(notes, [
    `${other} is not the language server spark-lsp: it says no such version.`,
    `${broken} could not be run: it ended with status 3.`,
  ]);
});

test('a program of the setting that does not work is not passed over', { skip }, async () => {
  const good = await program('path', 'echo "spark-lsp 0.1.0"');
  const environment = { PATH: path.dirname(good) };
  const found = await findServer(surroundings({ configured: ['/nowhere/spark-lsp'], environment }), unheard);
  assert.deepEqual(found, {
    problem:
      'There is no program /nowhere/spark-lsp. Put a program that is there into the setting spark.path, or remove that.',
    installable: false,
  });
});

test('a program that says nothing is ended', { skip }, async () => {
  const file = await program('silent', 'exec sleep 60');
  const found = await findServer(surroundings({ configured: [file], environment: process.env }), () => undefined, 200);
  assert.ok('problem' in found && found.problem.startsWith(`${file} did not say its version within 0.2 s.`));
});

test('a folder or a file that may not be run is no program', { skip }, async () => {
  const file = await program('plain', 'echo "spark-lsp 0.1.0"');
  await chmod(file, 0o644);
  await mkdir(path.join(root, 'folder', 'spark-lsp'), { recursive: true });
  const PATH = [path.dirname(file), path.join(root, 'folder')].join(path.delimiter);
  assert.deepEqual(await findServer(surroundings({ environment: { PATH } }), unheard), {
    problem: 'The language server spark-lsp is not installed.',
    installable: true,
  });
});

test('a program of the workspace is run only if that is trusted', { skip }, async () => {
  const mark = path.join(root, 'was-run');
  await program('shop/.venv/bin', `echo >"${mark}"; echo "spark-lsp 0.1.0"`);
  const folders = [path.join(root, 'shop')];
  const untrusted = await findServer(surroundings({ folders, trusted: false }), unheard);
  assert.ok('problem' in untrusted);
  await assert.rejects(rm(mark), { code: 'ENOENT' });
  assert.ok('candidate' in (await findServer(surroundings({ folders }), unheard)));
  await rm(mark);
});
