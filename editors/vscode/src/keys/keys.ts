import * as vscode from 'vscode';

const NAMES = 'keyVariables';

/**
 * The user's API keys, by the names of the environment variables that the server finds them under.
 *
 * A key is in VS Code's secret storage and nowhere else of ours: no setting, no log and no file has it. The server gets
 * it in its environment. The names, which the secret storage does not list, are in the extension's global state.
 */
export class Keys implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly listening: vscode.Disposable;

  /** A key was set or removed, in this window or another. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly context: vscode.ExtensionContext) {
    this.listening = context.secrets.onDidChange(() => {
      this.changes.fire();
    });
  }

  /** The variables that have a key here. */
  names(): readonly string[] {
    return this.context.globalState.get<string[]>(NAMES, []);
  }

  async set(variable: string, key: string): Promise<void> {
    await this.context.globalState.update(NAMES, [...new Set([...this.names(), variable])].sort());
    await this.context.secrets.store(variable, key);
  }

  async remove(variable: string): Promise<void> {
    await this.context.globalState.update(
      NAMES,
      this.names().filter((name) => name !== variable),
    );
    await this.context.secrets.delete(variable);
  }

  /** An environment for the server: the given one with the keys. */
  async addedTo(environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const added = { ...environment };
    for (const name of this.names()) {
      const key = await this.context.secrets.get(name);
      if (key !== undefined) {
        added[name] = key;
      }
    }
    return added;
  }

  dispose(): void {
    this.listening.dispose();
    this.changes.dispose();
  }
}
