import * as vscode from 'vscode';

import type { Edits } from '../edits/register';
import type { SparkClient } from '../server/client';
import { NextEdits } from './nextEdits';
import { NextEditSource } from './nextEditSource';

/** Next edits: how they are shown, gone to, accepted and refused. */
export function registerNextEdits(client: SparkClient, edits: Edits): vscode.Disposable {
  const source = new NextEditSource(client);
  const nextEdits = new NextEdits(client, source, edits);
  return vscode.Disposable.from(
    source,
    nextEdits,
    vscode.commands.registerCommand('sparkLsp.nextEdit', () => nextEdits.seek()),
    vscode.commands.registerCommand('sparkLsp.acceptNextEdit', () => nextEdits.accept()),
    vscode.commands.registerCommand('sparkLsp.refuseNextEdit', () => nextEdits.refuse()),
  );
}
