import type { ServerState } from '../server/client';

/** What `spark/status` says. */
export interface Status {
  readonly state: 'ready' | 'busy' | 'offline' | 'limited' | 'error';
  readonly message?: string;
  readonly endpoint: string;
  readonly model: string;
  readonly busy: readonly { readonly task: string; readonly uri: string }[];
  readonly firstTokenMs?: number;
  readonly tokensPerSecond?: number;
  readonly todayUsd?: number;
}

/** What the status bar item shows. */
export interface StatusText {
  readonly text: string;
  /** Lines of plain text. */
  readonly tooltip: readonly string[];
  readonly severity: 'information' | 'warning' | 'error';
}

const ICONS = {
  ready: '$(sparkle)',
  busy: '$(loading~spin)',
  offline: '$(circle-slash)',
  limited: '$(watch)',
  error: '$(warning)',
} as const;
const LONGEST_MODEL = 28;
const TASKS: Readonly<Record<string, string>> = {
  edit: 'an edit',
  inline: 'ghost text',
  nextEdit: 'the next edit',
  deep: 'a deep edit',
};

/** The text for a server and what it said last; `problem` says why there is no server, if that is known. */
export function statusText(state: ServerState, status: Status | undefined, problem?: string): StatusText {
  if (state === 'stopped') {
    const why = problem ?? 'The server is not running.';
    return { text: '$(debug-disconnect) Spark', tooltip: [why], severity: 'error' };
  }
  if (state === 'starting' || status === undefined) {
    return { text: '$(loading~spin) Spark', tooltip: ['The server is starting.'], severity: 'information' };
  }
  const latency = status.firstTokenMs === undefined ? '' : ` ${duration(status.firstTokenMs)}`;
  // Ghost text and next edits are asked for all the time; what turns at every key would only distract.
  const isBusy = status.state === 'busy' && status.busy.some(({ task }) => task === 'edit' || task === 'deep');
  const icon = status.state === 'busy' && !isBusy ? ICONS.ready : ICONS[status.state];
  const isWrong = status.state === 'error' || status.state === 'limited';
  return {
    text:
      status.state === 'offline'
        ? `${ICONS.offline} Spark offline`
        : `${icon} ${withoutIcons(shortModel(status))}${latency}`,
    tooltip: tooltip(status),
    severity: isWrong ? 'warning' : 'information',
  };
}

/** Endpoint and model in one line. */
export function statusLabel(status: Status | undefined): string {
  if (status === undefined) {
    return 'The server is starting';
  }
  return status.model === '' ? status.endpoint : `${status.endpoint}: ${status.model}`;
}

function tooltip(status: Status): string[] {
  const lines = [`Spark: ${status.state}`, ...(status.message === undefined ? [] : [status.message])];
  if (status.state !== 'offline') {
    lines.push(`Endpoint: ${status.endpoint}`, `Model: ${status.model === '' ? 'the server decides' : status.model}`);
  }
  if (status.firstTokenMs !== undefined) {
    lines.push(`Last first token: ${duration(status.firstTokenMs)}`);
  }
  if (status.tokensPerSecond !== undefined) {
    lines.push(`Tokens a second: ${Math.round(status.tokensPerSecond).toString()}`);
  }
  if (status.todayUsd !== undefined) {
    lines.push(`Today: $${status.todayUsd.toFixed(status.todayUsd < 0.1 ? 4 : 2)}`);
  }
  if (status.busy.length > 0) {
    const tasks = [...new Set(status.busy.map(({ task }) => TASKS[task] ?? task))];
    lines.push(`At work on: ${tasks.join(', ')}`);
  }
  return lines;
}

/** Names of models may be paths, or as long as one likes. */
function shortModel({ model, endpoint }: Status): string {
  const name = model.split('/').at(-1) ?? '';
  const shown = name === '' ? endpoint : name;
  return shown.length > LONGEST_MODEL ? `${shown.slice(0, LONGEST_MODEL - 1)}…` : shown;
}

/** A time in ms, rounded to what one can tell apart. */
function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds).toString()} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What an endpoint calls its model is not to draw icons in the status bar. */
function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (').replace(/\s+/g, ' ');
}
