import path from 'node:path';

/** Where a program was found, in the order in which the places are looked at. */
export type Origin = 'setting' | 'workspace' | 'interpreter' | 'path' | 'user';

/** A program that may be the server, and may not exist. */
export interface Candidate {
  /** An absolute path. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly origin: Origin;
}

/** What the places to look at depend on. */
export interface Surroundings {
  /** The setting `spark.path`: program and arguments. */
  readonly configured: readonly string[];
  /** Whether the user trusts the workspace. Without it no program inside of it is a candidate, but by the setting. */
  readonly trusted: boolean;
  /** The workspace's folders, as absolute paths. */
  readonly folders: readonly string[];
  /** The Python that the Python extension has selected for the workspace. */
  readonly interpreter?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

const NAME = 'spark-lsp';

/** The programs to try, in this order. A program of the setting is the only one: the user said so. */
export function candidates(surroundings: Surroundings): Candidate[] {
  const [program, ...rest] = surroundings.configured;
  if (program !== undefined) {
    return configured(surroundings, program, rest);
  }
  return withoutDoubles([
    ...(surroundings.trusted ? [...inWorkspace(surroundings), ...besideInterpreter(surroundings)] : []),
    ...onPath(surroundings, NAME, 'path', []),
    ...ofTheUser(surroundings),
  ]);
}

function configured(surroundings: Surroundings, program: string, rest: readonly string[]): Candidate[] {
  const paths = pathsOf(surroundings);
  const expanded = /^~(?=[\\/])/.test(program) ? paths.join(surroundings.home, program.slice(2)) : program;
  if (paths.isAbsolute(expanded)) {
    return [{ program: expanded, arguments: rest, origin: 'setting' }];
  }
  // What is relative to nobody knows what would be the workspace's choice and not the user's.
  return /[\\/]/.test(expanded) ? [] : onPath(surroundings, expanded, 'setting', rest);
}

function inWorkspace(surroundings: Surroundings): Candidate[] {
  const paths = pathsOf(surroundings);
  return surroundings.folders.map((folder) =>
    candidate(surroundings, paths.join(folder, '.venv', scripts(surroundings)), 'workspace'),
  );
}

function besideInterpreter(surroundings: Surroundings): Candidate[] {
  const { interpreter } = surroundings;
  const paths = pathsOf(surroundings);
  if (interpreter === undefined || !paths.isAbsolute(interpreter)) {
    return [];
  }
  const folder = paths.dirname(interpreter);
  // On Windows the interpreter of a base installation is a level above its scripts.
  const folders = surroundings.platform === 'win32' ? [folder, paths.join(folder, 'Scripts')] : [folder];
  return folders.map((one) => candidate(surroundings, one, 'interpreter'));
}

function onPath(surroundings: Surroundings, name: string, origin: Origin, rest: readonly string[]): Candidate[] {
  const paths = pathsOf(surroundings);
  const value = Object.entries(surroundings.environment).find(([key]) => isPath(key, surroundings.platform))?.[1];
  return (value ?? '')
    .split(paths.delimiter)
    .filter((folder) => paths.isAbsolute(folder))
    .filter((folder) => surroundings.trusted || !surroundings.folders.some((one) => isInside(paths, one, folder)))
    .map((folder) => ({ program: paths.join(folder, executable(surroundings, name)), arguments: rest, origin }));
}

/** Where `uv tool install` and `pipx install` put programs, which need not be on the PATH of a desktop program. */
function ofTheUser(surroundings: Surroundings): Candidate[] {
  const paths = pathsOf(surroundings);
  const { UV_TOOL_BIN_DIR, XDG_BIN_HOME, PIPX_BIN_DIR } = surroundings.environment;
  return [UV_TOOL_BIN_DIR, XDG_BIN_HOME, PIPX_BIN_DIR, paths.join(surroundings.home, '.local', 'bin')]
    .filter((folder): folder is string => folder !== undefined && paths.isAbsolute(folder))
    .filter((folder) => surroundings.trusted || !surroundings.folders.some((one) => isInside(paths, one, folder)))
    .map((folder) => candidate(surroundings, folder, 'user'));
}

function candidate(surroundings: Surroundings, folder: string, origin: Origin): Candidate {
  return { program: pathsOf(surroundings).join(folder, executable(surroundings, NAME)), arguments: [], origin };
}

function withoutDoubles(all: readonly Candidate[]): Candidate[] {
  return all.filter((one, index) => all.findIndex((other) => other.program === one.program) === index);
}

function isInside(paths: path.PlatformPath, folder: string, file: string): boolean {
  const relative = paths.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${paths.sep}`) && !paths.isAbsolute(relative);
}

function pathsOf({ platform }: Surroundings): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

function scripts({ platform }: Surroundings): string {
  return platform === 'win32' ? 'Scripts' : 'bin';
}

function executable({ platform }: Surroundings, name: string): string {
  return platform === 'win32' && !name.toLowerCase().endsWith('.exe') ? `${name}.exe` : name;
}

function isPath(name: string, platform: NodeJS.Platform): boolean {
  return platform === 'win32' ? name.toUpperCase() === 'PATH' : name === 'PATH';
}
