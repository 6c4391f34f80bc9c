/** What VS Code knows of one setting, without its default; see `WorkspaceConfiguration.inspect`. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
}

/** A setting as package.json declares it. */
export interface Declared {
  readonly scope?: string;
}

/** Settings of the extension itself, which the server does not know. */
const OF_THE_EXTENSION: readonly string[] = ['path', 'trace.server'];

/** Settings whose values of all levels hold together, where others replace each other. */
const ADDED_UP: readonly string[] = ['privacy.exclude'];

/**
 * The object that the server asks for: what the user set and nothing else.
 *
 * Defaults are left out, since they would win over the user's and the workspace's settings files. A workspace's value
 * counts only if the workspace is trusted and the setting is not for the machine alone. That is decided here and not
 * left to VS Code, which lets pass what a workspace hides in a table such as `"spark.routes": {…}`.
 */
export function userSettings(
  declared: Readonly<Record<string, Declared>>,
  inspect: (key: string) => Inspected | undefined,
  trusted: boolean,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, { scope }] of Object.entries(declared)) {
    const key = name.replace(/^spark\./, '');
    if (OF_THE_EXTENSION.includes(key)) {
      continue;
    }
    const values = inspect(key);
    const ofWorkspace = trusted && scope !== 'machine' ? [values?.workspaceValue] : [];
    const given = [...ofWorkspace, values?.globalValue].filter((value) => value !== undefined && value !== null);
    if (given.length > 0) {
      put(result, key.split('.'), ADDED_UP.includes(key) ? given.flat() : given[0]);
    }
  }
  return result;
}

function put(table: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) {
    return;
  }
  if (rest.length === 0) {
    table[key] = value;
    return;
  }
  const inner = (table[key] ?? {}) as Record<string, unknown>;
  table[key] = inner;
  put(inner, rest, value);
}
