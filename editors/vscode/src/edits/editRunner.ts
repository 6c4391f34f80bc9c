import * as vscode from 'vscode';
import { ErrorCodes, ResponseError } from 'vscode-languageclient/node';

import type { SparkClient } from '../server/client';
import type { Hunk } from './documentReview';
import type { Reviews } from './reviews';
import type { Span } from './spans';

/** The argument of the server's command `spark.edit`, as code actions bring it along and the input box makes it. */
export interface EditArgument {
  readonly textDocument: { readonly uri: string };
  /** An empty one means the scope around it. */
  readonly range: Span;
  readonly instruction: string;
}

/** What the server answers when an edit has ended, as far as it is used here. */
export interface EditResult {
  readonly editId: string;
  readonly status: 'applied' | 'unchanged' | 'previewed' | 'cancelled' | 'rejected' | 'failed';
  /** A sentence for the user, to be shown once. */
  readonly message?: string;
  readonly hunks: readonly Hunk[];
}

/** The connection was lost, or is not there. */
const LOST: readonly number[] = [ErrorCodes.PendingResponseRejected, ErrorCodes.ConnectionInactive];
/** How long a word in the status bar stays, in milliseconds. */
const WORD = 8000;

/** Runs instructed edits, whoever asked for them: shows them while they grow, and says how they ended. */
export class EditRunner {
  private running = 0;

  constructor(
    private readonly client: SparkClient,
    private readonly reviews: Reviews,
  ) {}

  async run(argument: EditArgument): Promise<EditResult | undefined> {
    const uri = this.client.protocol.asProtocol2Code.asUri(argument.textDocument.uri).toString();
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (document === undefined) {
      void vscode.window.showErrorMessage('The file is not open in the editor any more: open it and try again.');
      return undefined;
    }
    const review = this.reviews.begin(document, argument.range.start);
    this.count(1);
    let result: EditResult | undefined;
    try {
      result = await this.client.executeCommand<EditResult>('spark.edit', argument);
    } catch (error) {
      void vscode.window.showErrorMessage(sentence(error));
    } finally {
      this.count(-1);
      this.reviews.finish(document, review, result?.editId ?? '', result?.hunks ?? []);
    }
    if (result !== undefined) {
      say(result);
    }
    return result;
  }

  /** Stops whatever edits run. What they have applied is taken back, unless the settings say otherwise. */
  async cancel(): Promise<void> {
    await this.client.executeCommand('spark.cancel', {});
  }

  private count(change: 1 | -1): void {
    this.running += change;
    void vscode.commands.executeCommand('setContext', 'sparkLsp.editRunning', this.running > 0);
  }
}

/** Tells the user what the server has to say of an edit; nothing when it went as it should. */
function say({ status, message }: EditResult): void {
  switch (status) {
    case 'failed':
    case 'rejected':
      void vscode.window.showErrorMessage(message ?? 'The edit was not applied: try again, or see the log.');
      break;
    case 'unchanged':
      void vscode.window.showInformationMessage(message ?? 'Nothing had to be changed.');
      break;
    case 'applied':
      if (message !== undefined) {
        void vscode.window.showWarningMessage(message);
      }
      break;
    case 'cancelled':
    case 'previewed':
      // Of the user's own doing: a word in the status bar is enough.
      if (message !== undefined) {
        vscode.window.setStatusBarMessage(`Spark: ${message}`, WORD);
      }
      break;
  }
}

function sentence(error: unknown): string {
  if (error instanceof ResponseError && LOST.includes(error.code)) {
    return 'The server ended before the edit was done. What it had changed is still there: undo it, and try again.';
  }
  return error instanceof Error ? error.message : String(error);
}
