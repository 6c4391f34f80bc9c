import * as vscode from 'vscode';

import { registerEdits } from './edits/register';
import { registerNextEdits } from './nextEdits/register';
import { LanguageServer } from './server/languageServer';

let server: LanguageServer | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('spark-lsp', { log: true });
  server = new LanguageServer(log);
  context.subscriptions.push(log, server, registerEdits(context, server), registerNextEdits(context, server));
  await server.start({ program: 'spark-lsp', arguments: [], environment: process.env });
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
