import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';

import { userSettings, type Declared } from './userSettings';

const SECTION = 'spark';

/** The settings as the server gets them, from what package.json declares and the user set. */
export class Configuration {
  private sent = '';

  constructor(private readonly extension: vscode.Extension<unknown>) {}

  /** What the server asks for, and when it is told to ask again: only if something that it would get has changed. */
  get middleware(): Middleware {
    return {
      workspace: {
        configuration: (params) => params.items.map((item) => (item.section === SECTION ? this.read() : null)),
        didChangeConfiguration: async (sections, next) => {
          if (JSON.stringify(this.current()) !== this.sent) {
            await next(sections);
          }
        },
      },
    };
  }

  private read(): Record<string, unknown> {
    const current = this.current();
    this.sent = JSON.stringify(current);
    return current;
  }

  private current(): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const { contributes } = this.extension.packageJSON as {
      contributes: { configuration: { properties: Record<string, Declared> } };
    };
    return userSettings(
      contributes.configuration.properties,
      (key) => configuration.inspect(key),
      vscode.workspace.isTrusted,
    );
  }
}

/** The setting `spark.path`, as the user has set it: never from a workspace. */
export function configuredProgram(): string[] {
  const value = vscode.workspace.getConfiguration(SECTION).inspect('path')?.globalValue;
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string' && part !== '') : [];
}

/** Changes a setting where its value in force comes from: in the workspace's settings, or else in the user's. */
export async function changeSetting(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const ofWorkspace = configuration.inspect(key)?.workspaceValue !== undefined && vscode.workspace.isTrusted;
  await configuration.update(
    key,
    value,
    ofWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global,
  );
}
