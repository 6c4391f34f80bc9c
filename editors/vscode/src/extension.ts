import * as vscode from 'vscode';

import { registerEdits } from './edits/register';
import { registerKeyCommands } from './keys/commands';
import { Keys } from './keys/keys';
import { EndpointSwitch } from './menu/endpoints';
import { showMenu } from './menu/menu';
import { registerNextEdits } from './nextEdits/register';
import { ServerController } from './server/controller';
import { LanguageServer } from './server/languageServer';
import { Configuration } from './settings/configuration';
import { StatusItems } from './status/items';

let server: LanguageServer | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('spark-lsp', { log: true });
  const client = new LanguageServer(log, new Configuration(context.extension).middleware);
  const keys = new Keys(context);
  const status = new StatusItems(client);
  const endpoints = new EndpointSwitch(client, keys);
  const controller = new ServerController(client, keys, status, log);
  const edits = registerEdits(context, client);
  server = client;
  context.subscriptions.push(
    log,
    client,
    keys,
    status,
    endpoints,
    controller,
    registerKeyCommands(keys, client),
    vscode.commands.registerCommand('sparkLsp.menu', () => showMenu(client, endpoints, status.status)),
    vscode.commands.registerCommand('sparkLsp.selectEndpoint', (name?: unknown) =>
      typeof name === 'string' ? endpoints.use(name) : endpoints.choose(),
    ),
    edits,
    registerNextEdits(client, edits),
  );
  void controller.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
