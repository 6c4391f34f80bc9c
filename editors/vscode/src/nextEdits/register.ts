import * as vscode from 'vscode';

import type { SparkClient } from '../server/client';

/** Next edits: how they are shown, gone to, accepted and refused. */
export function registerNextEdits(_context: vscode.ExtensionContext, _client: SparkClient): vscode.Disposable {
  return vscode.Disposable.from();
}
