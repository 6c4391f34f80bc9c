import * as vscode from 'vscode';

import { knownEndpoints } from '../menu/endpoints';
import type { SparkClient } from '../server/client';
import type { Keys } from './keys';
import { isVariableName, keyProblem, offeredVariables } from './names';

/** The commands that set and remove API keys. */
export function registerKeyCommands(keys: Keys, client: SparkClient): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('sparkLsp.setKey', async (variable?: unknown) => {
      const name =
        typeof variable === 'string' && isVariableName(variable) ? variable : await chooseVariable(keys, client);
      if (name !== undefined) {
        await askForKey(keys, name);
      }
    }),
    vscode.commands.registerCommand('sparkLsp.removeKey', async () => {
      await removeKey(keys);
    }),
  );
}

/** Asks for a key and keeps it; true if there is one then. */
export async function askForKey(keys: Keys, variable: string): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: `API Key for ${variable}`,
    prompt: 'It is kept in the secret storage of VS Code and given to the server in its environment only.',
    password: true,
    ignoreFocusOut: true,
    validateInput: keyProblem,
  });
  if (key === undefined) {
    return false;
  }
  await keys.set(variable, key.trim());
  return true;
}

async function chooseVariable(keys: Keys, client: SparkClient): Promise<string | undefined> {
  const endpoints = await knownEndpoints(client);
  const configured = vscode.workspace.getConfiguration('spark').inspect('endpoints')?.globalValue;
  const variables = offeredVariables(
    endpoints.map(({ apiKeyEnv }) => apiKeyEnv),
    configured,
  );
  const another = 'Another variable...';
  const items = variables.map((label) => ({
    label,
    description: endpoints
      .filter(({ apiKeyEnv }) => apiKeyEnv === label)
      .map(({ name }) => name)
      .join(', '),
    detail: keys.names().includes(label) ? 'A key is set; it will be replaced.' : '',
  }));
  const chosen = await vscode.window.showQuickPick([...items, { label: another, description: '', detail: '' }], {
    title: 'Set an API Key',
    placeHolder: 'The environment variable that the endpoint takes its key from',
  });
  if (chosen?.label !== another) {
    return chosen?.label;
  }
  return vscode.window.showInputBox({
    title: 'Set an API Key',
    prompt: 'The name of the environment variable, as in apiKeyEnv of the endpoint',
    placeHolder: 'MY_API_KEY',
    validateInput: (text) =>
      isVariableName(text) ? undefined : 'A name has letters, digits and _ only, and does not begin with a digit.',
  });
}

async function removeKey(keys: Keys): Promise<void> {
  if (keys.names().length === 0) {
    void vscode.window.showInformationMessage('No key is set here: set one with "Spark: Set an API Key".');
    return;
  }
  const chosen = await vscode.window.showQuickPick([...keys.names()], {
    title: 'Remove an API Key',
    placeHolder: 'The key to remove from the secret storage',
  });
  if (chosen !== undefined) {
    await keys.remove(chosen);
  }
}
