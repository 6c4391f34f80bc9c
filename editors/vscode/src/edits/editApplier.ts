import * as vscode from 'vscode';
import type { ApplyWorkspaceEditResult, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageclient/node';

import type { SparkClient } from '../server/client';
import type { LandedChange } from './documentReview';
import type { Change } from './spans';

/** The server's own `spark/applyEdit`: `workspace/applyEdit` that says where undoing is to stop. */
interface ApplyEditParams {
  readonly edit: WorkspaceEdit;
  readonly label: string;
  readonly undoStopBefore: boolean;
  readonly undoStopAfter: boolean;
}

/** Told what happens to documents, the server's changes apart from all others, in the order in which they were made. */
export interface ChangeListener {
  landed(document: vscode.TextDocument, changes: readonly LandedChange[]): void;
  changed(document: vscode.TextDocument, changes: readonly Change[], reason?: vscode.TextDocumentChangeReason): void;
}

/** The edits that are being applied, and what has happened to their document since they were handed to VS Code. */
interface Flight {
  readonly document: vscode.TextDocument;
  readonly removed: ReadonlyMap<string, string>;
  readonly events: vscode.TextDocumentChangeEvent[];
}

/**
 * Applies what the server streams, one batch after the other.
 *
 * A batch is for one version of a document and is refused for any other: the server then sends it again for the new
 * one. So nothing that is typed meanwhile is lost or moved. All batches of an edit are one undo step, unless the user
 * types between them.
 */
export class EditApplier implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  private queue: Promise<unknown> = Promise.resolve();
  private flight: Flight | undefined;

  constructor(
    private readonly client: SparkClient,
    private readonly listener: ChangeListener,
  ) {
    this.subscriptions = vscode.Disposable.from(
      client.onRequest('spark/applyEdit', (params: ApplyEditParams) => this.inTurn(() => this.apply(params))),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length === 0) {
          return;
        }
        if (this.flight?.document === event.document) {
          this.flight.events.push(event);
        } else {
          this.tell(event);
        }
      }),
    );
  }

  /** Whether the changes that a document tells of now are, or may be, the server's. */
  isApplyingTo(document: vscode.TextDocument): boolean {
    return this.flight?.document === document;
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.queue.then(step, step);
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async apply(params: ApplyEditParams): Promise<ApplyWorkspaceEditResult> {
    const [edit, ...others] = params.edit.documentChanges ?? [];
    if (edit === undefined || others.length > 0 || !('edits' in edit)) {
      return refused('Only edits of one document can be applied.');
    }
    const uri = this.client.protocol.asProtocol2Code.asUri(edit.textDocument.uri).toString();
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (document === undefined) {
      return refused('The document is not open.');
    }
    const { version } = edit.textDocument;
    if (version !== null && version !== document.version) {
      return refused('The document has changed.');
    }
    const edits = textEdits(edit).map(({ range, newText }) => ({
      range: this.client.protocol.asProtocol2Code.asRange(range),
      text: newText,
    }));
    const before = document.version;
    const flight: Flight = {
      document,
      removed: new Map(edits.map(({ range }) => [placeKey(range), document.getText(range)])),
      events: [],
    };
    this.flight = flight;
    let applied = false;
    try {
      applied = await applyTo(document, edits, params);
    } finally {
      this.flight = undefined;
      this.settle(flight, applied);
    }
    if (!applied) {
      return refused('The document has changed, or cannot be changed.');
    }
    return document.version === before && edits.length > 0 ? refused('The document is read-only.') : { applied };
  }

  /** Of what happened during a flight, the first event is the batch, if it was applied. */
  private settle(flight: Flight, applied: boolean): void {
    const [batch, ...others] = flight.events;
    if (applied && batch !== undefined) {
      const changes = batch.contentChanges.map(({ range, text }) => ({
        range,
        text,
        removed: flight.removed.get(placeKey(range)) ?? '',
      }));
      this.listener.landed(flight.document, changes);
    }
    for (const event of applied ? others : flight.events) {
      this.tell(event);
    }
  }

  private tell(event: vscode.TextDocumentChangeEvent): void {
    this.listener.changed(event.document, event.contentChanges, event.reason);
  }
}

/** Whether VS Code took the edits; it does not when the document has changed by the time that they arrive there. */
async function applyTo(
  document: vscode.TextDocument,
  edits: readonly { range: vscode.Range; text: string }[],
  stops: { undoStopBefore: boolean; undoStopAfter: boolean },
): Promise<boolean> {
  const editor = editorOf(document);
  if (editor === undefined) {
    const workspaceEdit = new vscode.WorkspaceEdit();
    workspaceEdit.set(
      document.uri,
      edits.map(({ range, text }) => vscode.TextEdit.replace(range, text)),
    );
    return vscode.workspace.applyEdit(workspaceEdit);
  }
  const { undoStopBefore, undoStopAfter } = stops;
  return editor.edit(
    (builder) => {
      for (const { range, text } of edits) {
        if (range.isEmpty && text.endsWith('\n')) {
          // Whole lines that come above a line: a cursor at its beginning goes along with it.
          builder.insert(range.start, text);
        } else {
          builder.replace(range, text);
        }
      }
    },
    { undoStopBefore, undoStopAfter },
  );
}

/** An editor that shows a document, the active one if it does. */
export function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const active = vscode.window.activeTextEditor;
  return active?.document === document
    ? active
    : vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}

function textEdits(edit: TextDocumentEdit): TextEdit[] {
  return edit.edits.filter((one): one is TextEdit => 'newText' in one);
}

function placeKey({ start, end }: vscode.Range): string {
  return `${start.line}:${start.character}-${end.line}:${end.character}`;
}

function refused(failureReason: string): ApplyWorkspaceEditResult {
  return { applied: false, failureReason };
}
