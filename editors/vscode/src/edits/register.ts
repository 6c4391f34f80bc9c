import * as vscode from 'vscode';

import type { SparkClient } from '../server/client';

/** Instructed edits: the commands, the streamed changes and their review. */
export function registerEdits(_context: vscode.ExtensionContext, _client: SparkClient): vscode.Disposable {
  return vscode.Disposable.from();
}
