import * as vscode from 'vscode';

import type { SparkClient } from '../server/client';
import { EditApplier } from './editApplier';
import { EditRunner, type EditArgument } from './editRunner';
import { tidy } from './instructionHistory';
import { InstructionInput } from './instructionInput';
import { Reviews, type HunkArgument } from './reviews';

/** What other features may know of instructed edits. */
export interface Edits {
  dispose(): void;

  /** Whether the server changes a document just now: what it tells of is not the user's typing. */
  isChanging(document: vscode.TextDocument): boolean;
}

/** Instructed edits: the commands, the streamed changes and their review. */
export function registerEdits(context: vscode.ExtensionContext, client: SparkClient): Edits {
  const reviews = new Reviews(client);
  const applier = new EditApplier(client, reviews);
  const runner = new EditRunner(client, reviews);
  const input = new InstructionInput(context.globalState);

  /** A key binding may bring the instruction along: then nothing is asked. */
  async function edit(given?: { instruction?: unknown }): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage('Open a file first, and put the cursor to the code that is to change.');
      return;
    }
    const title = editor.selection.isEmpty ? 'Spark: Edit the Code Around the Cursor' : 'Spark: Edit the Selection';
    const bound = typeof given?.instruction === 'string' ? tidy(given.instruction) : '';
    const instruction = bound === '' ? await input.ask(title) : bound;
    if (instruction === undefined) {
      return;
    }
    if (bound === '') {
      await input.remember(instruction);
    }
    const toProtocol = client.protocol.asCode2Protocol;
    const argument = {
      textDocument: { uri: toProtocol.asUri(editor.document.uri) },
      range: toProtocol.asRange(editor.selection),
      instruction,
    };
    // A selection would hide the colours of what changes, and the next key would replace all of it.
    const { active } = editor.selection;
    editor.selection = new vscode.Selection(active, active);
    await runner.run(argument);
  }

  const commands: Record<string, (...given: never[]) => unknown> = {
    'sparkLsp.edit': edit,
    'sparkLsp.cancel': () => runner.cancel(),
    'sparkLsp.keep': () => reviews.settle('spark.keep', 'atCursor'),
    'sparkLsp.revert': () => reviews.settle('spark.revert', 'atCursor'),
    'sparkLsp.keepAll': () => reviews.settle('spark.keep', 'all'),
    'sparkLsp.revertAll': () => reviews.settle('spark.revert', 'all'),
    'sparkLsp.nextHunk': () => {
      reviews.goTo('next');
    },
    'sparkLsp.previousHunk': () => {
      reviews.goTo('previous');
    },
  };
  const registered = vscode.Disposable.from(
    reviews,
    applier,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    // The same from code actions and code lenses.
    client.onCommand('spark.edit', (argument) => runner.run(argument as EditArgument)),
    client.onCommand('spark.keep', (argument) => reviews.run('spark.keep', argument as HunkArgument)),
    client.onCommand('spark.revert', (argument) => reviews.run('spark.revert', argument as HunkArgument)),
  );

  return {
    isChanging: (document) => reviews.isGrowing(document) || applier.isApplyingTo(document),
    dispose: () => {
      registered.dispose();
    },
  };
}
