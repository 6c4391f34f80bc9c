/** Whether a text can be the name of an environment variable that holds a key. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** What is wrong with a text as a key, in a sentence; nothing if it can be one. */
export function keyProblem(text: string): string | undefined {
  const key = text.trim();
  if (key === '') {
    return 'Enter the key.';
  }
  // A key becomes part of an HTTP header.
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'A key has no spaces and no characters but those of ASCII.';
}

/** The variables to offer, without doubles: those of the server's endpoints first, then those of the user's settings. */
export function offeredVariables(ofEndpoints: readonly (string | undefined)[], endpoints: unknown): string[] {
  const own = typeof endpoints === 'object' && endpoints !== null ? Object.values(endpoints) : [];
  const ofSettings = own.map((one: unknown) => (one as { apiKeyEnv?: unknown } | null)?.apiKeyEnv);
  const names = [...ofEndpoints, ...ofSettings].filter((name) => typeof name === 'string');
  return [...new Set(names.filter(isVariableName))];
}
