import * as vscode from 'vscode';

import { askForKey } from '../keys/commands';
import type { Keys } from '../keys/keys';
import type { SparkClient } from '../server/client';
import type { Status } from '../status/status';

/** An endpoint that the server can be switched to: one of the user's, or a preset. */
export interface KnownEndpoint {
  readonly name: string;
  readonly model?: string;
  /** The variable that its key is taken from. */
  readonly apiKeyEnv?: string;
  readonly lacksKey?: boolean;
  /** Why it cannot be used as it is set. */
  readonly problem?: string;
}

/** What the server can be switched to; nothing when it is not running. */
export async function knownEndpoints(client: SparkClient): Promise<readonly KnownEndpoint[]> {
  return client.state === 'stopped' ? [] : client.executeCommand<KnownEndpoint[]>('spark.endpoints', {});
}

/**
 * The endpoint that this window's server uses, over all its processes.
 *
 * The server forgets a switch when it ends; here it is said again to the next one.
 */
export class EndpointSwitch implements vscode.Disposable {
  private chosen: string | undefined;
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly client: SparkClient,
    private readonly keys: Keys,
  ) {
    this.listening = client.onDidChangeState((state) => {
      if (state === 'running' && this.chosen !== undefined) {
        void this.tell(this.chosen);
      }
    });
  }

  /** What was chosen for this session; nothing if the settings decide. */
  get session(): string | undefined {
    return this.chosen;
  }

  /** Uses an endpoint from now on in this window. */
  async use(name: string): Promise<void> {
    this.chosen = name;
    await this.tell(name);
  }

  /** Lets the user choose an endpoint, and asks for its key if it has none. */
  async choose(): Promise<void> {
    if (this.client.state === 'stopped') {
      void vscode.window.showWarningMessage('The server is not running: run "Spark: Restart the Server".');
      return;
    }
    const always: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('pin'),
      tooltip: 'Use it in every session: put it into your settings',
    };
    const picker = vscode.window.createQuickPick<EndpointItem>();
    picker.title = 'Spark: Select the Endpoint';
    picker.placeholder = 'For this session; the pin makes it your setting';
    picker.matchOnDescription = true;
    picker.items = endpointItems(await knownEndpoints(this.client)).map((item) => ({ ...item, buttons: [always] }));
    picker.onDidAccept(() => {
      const [item] = picker.selectedItems;
      picker.hide();
      if (item !== undefined) {
        void this.useWithKey(item);
      }
    });
    picker.onDidTriggerItemButton(({ item }) => {
      picker.hide();
      void this.useAlways(item);
    });
    picker.onDidHide(() => {
      picker.dispose();
    });
    picker.show();
  }

  dispose(): void {
    this.listening.dispose();
  }

  private async useAlways(item: EndpointItem): Promise<void> {
    await vscode.workspace
      .getConfiguration('spark')
      .update('endpoint', item.endpoint.name, vscode.ConfigurationTarget.Global);
    await this.useWithKey(item);
  }

  private async useWithKey({ endpoint }: EndpointItem): Promise<void> {
    this.chosen = endpoint.name;
    if (endpoint.lacksKey === true && endpoint.apiKeyEnv !== undefined) {
      // A new key starts the server again, which is told then what was chosen.
      if (await askForKey(this.keys, endpoint.apiKeyEnv)) {
        return;
      }
    }
    await this.tell(endpoint.name);
  }

  private async tell(name: string): Promise<void> {
    try {
      const status = await this.client.executeCommand<Status>('spark.endpoint', { use: name });
      if (status.state === 'error' && status.message !== undefined) {
        void vscode.window.showWarningMessage(status.message);
      }
    } catch {
      // The server went away meanwhile; the next one is told.
    }
  }
}

interface EndpointItem extends vscode.QuickPickItem {
  readonly endpoint: KnownEndpoint;
}

function endpointItems(endpoints: readonly KnownEndpoint[]): EndpointItem[] {
  const usable = ({ lacksKey, problem }: KnownEndpoint): boolean => lacksKey !== true && problem === undefined;
  return [
    item({ name: 'auto' }, 'the first that has a key, else a local server that answers'),
    item({ name: 'offline' }, 'asks nobody'),
    ...endpoints.filter(usable).map((endpoint) => item(endpoint, endpoint.model ?? 'on this machine')),
    ...endpoints
      .filter((endpoint) => !usable(endpoint))
      .map((endpoint) => item(endpoint, endpoint.problem ?? `needs a key (${endpoint.apiKeyEnv ?? 'of its own'})`)),
  ];
}

function item(endpoint: KnownEndpoint, description: string): EndpointItem {
  return { label: endpoint.name, description, endpoint };
}
