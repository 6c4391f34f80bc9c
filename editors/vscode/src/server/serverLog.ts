import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogOutputChannel } from 'vscode';

type Level = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: Readonly<Record<string, Level>> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn' };

/** Copies what the server logs on stderr, each line with its own level. */
export function copyLog(input: Readable, channel: LogOutputChannel): void {
  createInterface({ input, crlfDelay: Infinity, terminal: false }).on('line', (line) => {
    channel[levelOf(line)](line);
  });
}

/** The level that a line names after its time; what names none, such as a traceback, is an error. */
export function levelOf(line: string): Level {
  const level = /^\S+ \S+ ([A-Z]+) /.exec(line)?.[1] ?? '';
  return LEVELS[level] ?? 'error';
}
