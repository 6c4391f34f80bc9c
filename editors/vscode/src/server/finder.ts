import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

import { candidates, type Candidate, type Surroundings } from './candidates';

/** The server's program, which said its version. */
export interface Found {
  readonly candidate: Candidate;
  readonly version: string;
}

/** Why there is no server to start. */
export interface NotFound {
  /** A sentence for the user. */
  readonly problem: string;
  /** Whether installing the server would help. */
  readonly installable: boolean;
}

/** How long a program may take to say its version. Unit: milliseconds. */
const VERSION_DEADLINE = 10_000;

/**
 * The first program that says that it is the server.
 *
 * One that is there and does not work is told to `note`, and the next is tried.
 */
export async function findServer(
  surroundings: Surroundings,
  note: (message: string) => void,
  deadline = VERSION_DEADLINE,
): Promise<Found | NotFound> {
  let problem: string | undefined;
  for (const candidate of candidates(surroundings)) {
    if (!(await isProgram(candidate.program))) {
      continue;
    }
    const answer = await versionOf(candidate, surroundings, deadline);
    if ('version' in answer) {
      return { candidate, version: answer.version };
    }
    note(answer.problem);
    problem ??= answer.problem;
  }
  const [program] = surroundings.configured;
  if (program !== undefined) {
    return {
      problem: `${problem ?? `There is no program ${program}.`} Put a program that is there into the setting spark.path, or remove that.`,
      installable: false,
    };
  }
  return {
    problem:
      problem === undefined
        ? 'The language server spark-lsp is not installed.'
        : `${problem} Install the language server spark-lsp anew, or name another program in the setting spark.path.`,
    installable: true,
  };
}

/** Whether a file is there that may be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Asks a program for its version; ends it when it takes too long. */
async function versionOf(
  { program, arguments: rest }: Candidate,
  { environment, home }: Surroundings,
  deadline: number,
): Promise<{ version: string } | { problem: string }> {
  return new Promise((resolve) => {
    const options = {
      cwd: home,
      env: environment,
      timeout: deadline,
      killSignal: 'SIGKILL',
      windowsHide: true,
    } as const;
    const child = execFile(program, [...rest, '--version'], options, (error, stdout) => {
      const version = /^spark-lsp (\d+\.\d+\.\S+)\s*$/m.exec(stdout)?.[1];
      if (error?.killed === true) {
        resolve({ problem: `${program} did not say its version within ${deadline / 1000} s.` });
      } else if (error !== null) {
        resolve({ problem: `${program} could not be run: ${reasonOf(error)}.` });
      } else if (version === undefined) {
        resolve({ problem: `${program} is not the language server spark-lsp: it says no such version.` });
      } else {
        resolve({ version });
      }
    });
    child.stdin?.end();
  });
}

function reasonOf(error: Error & { code?: number | string | null | undefined }): string {
  return typeof error.code === 'number' ? `it ended with status ${error.code}` : (error.code ?? 'it was ended');
}
