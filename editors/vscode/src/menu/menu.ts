import * as vscode from 'vscode';

import type { SparkClient } from '../server/client';
import { changeSetting } from '../settings/configuration';
import { statusLabel, type Status } from '../status/status';
import type { EndpointSwitch } from './endpoints';

interface MenuItem extends vscode.QuickPickItem {
  readonly run: () => unknown;
}

/** The menu of the status bar item. */
export async function showMenu(
  client: SparkClient,
  endpoints: EndpointSwitch,
  status: Status | undefined,
): Promise<void> {
  const items = client.state === 'stopped' ? stoppedItems() : runningItems(endpoints, status);
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Spark',
    placeHolder: client.state === 'stopped' ? 'The server is not running' : statusLabel(status),
  });
  await chosen?.run();
}

function runningItems(endpoints: EndpointSwitch, status: Status | undefined): MenuItem[] {
  const isOffline = status?.endpoint === 'offline' || endpoints.session === 'offline';
  return [
    item('$(server) Switch the endpoint...', () => endpoints.choose(), status?.endpoint),
    toggle('Ghost text', 'inline.enabled'),
    toggle('Next edits', 'nextEdit.enabled'),
    isOffline
      ? item('$(cloud) Go online again', () => endpoints.use(endpointOfSettings()))
      : item('$(circle-slash) Work offline', () => endpoints.use('offline'), 'asks nobody until you go online again'),
    item('$(key) Set an API key...', 'sparkLsp.setKey'),
    ...stoppedItems(),
  ];
}

function stoppedItems(): MenuItem[] {
  return [
    item('$(debug-restart) Restart the server', 'sparkLsp.restart'),
    item('$(output) Show the log', 'sparkLsp.showLog'),
    item('$(settings-gear) Settings', () =>
      vscode.commands.executeCommand('workbench.action.openSettings', '@ext:spark-lsp.spark-lsp'),
    ),
    item('$(book) First steps', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', 'spark-lsp.spark-lsp#firstMinute'),
    ),
  ];
}

function item(label: string, action: string | (() => unknown), description = ''): MenuItem {
  return {
    label,
    description,
    run: typeof action === 'string' ? () => vscode.commands.executeCommand(action) : action,
  };
}

function toggle(title: string, key: string): MenuItem {
  const isOn = vscode.workspace.getConfiguration('spark').get<boolean>(key, true);
  return item(
    `$(${isOn ? 'pass-filled' : 'circle-large-outline'}) ${title}: ${isOn ? 'on' : 'off'}`,
    () => changeSetting(key, !isOn),
    isOn ? 'turn it off' : 'turn it on',
  );
}

function endpointOfSettings(): string {
  const configured: unknown = vscode.workspace.getConfiguration('spark').inspect('endpoint')?.globalValue;
  return typeof configured === 'string' && configured !== 'offline' ? configured : 'auto';
}
