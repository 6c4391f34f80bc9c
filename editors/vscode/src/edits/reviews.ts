import * as vscode from 'vscode';
import type { CodeLens } from 'vscode-languageclient/node';

import type { SparkClient } from '../server/client';
import { DocumentReview, type Hunk, type LandedChange } from './documentReview';
import type { ChangeListener } from './editApplier';
import { rangeOf, ReviewDecorations } from './reviewDecorations';
import type { Change, Place } from './spans';

/** The argument of the server's commands that keep and revert; without a number they are for the whole edit. */
export interface HunkArgument {
  readonly editId: string;
  readonly hunk?: number;
}

/** How long the text is at rest before the server is asked which hunks are left, in milliseconds. */
const REST = 150;

/** The edits of all documents whose changes are shown: those that run, and those that can be kept or reverted. */
export class Reviews implements ChangeListener, vscode.Disposable {
  private readonly reviews = new Map<vscode.TextDocument, DocumentReview>();
  private readonly decorations = new ReviewDecorations();
  private readonly subscriptions: vscode.Disposable;
  private readonly toAsk = new Set<vscode.TextDocument>();
  private asking: NodeJS.Timeout | undefined;

  constructor(private readonly client: SparkClient) {
    this.subscriptions = vscode.Disposable.from(
      this.decorations,
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.drawAll();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.setContext();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.drop(document);
      }),
      client.onDidChangeState((state) => {
        if (state === 'stopped') {
          // With the server goes what it knew of its edits.
          for (const document of [...this.reviews.keys()]) {
            this.drop(document);
          }
        }
      }),
    );
  }

  /** An edit of a document begins to grow at a place. What was there to be kept or reverted is kept. */
  begin(document: vscode.TextDocument, start: Place): DocumentReview {
    const review = new DocumentReview(start);
    this.reviews.set(document, review);
    this.draw(document);
    return review;
  }

  /** The edit that made a review has ended. Says nothing to a review that a newer edit has replaced. */
  finish(document: vscode.TextDocument, review: DocumentReview, editId: string, hunks: readonly Hunk[]): void {
    if (this.reviews.get(document) !== review) {
      return;
    }
    review.finish(editId, hunks);
    if (hunks.length === 0) {
      this.drop(document);
      return;
    }
    this.draw(document);
    // The server knows best which of them the user has already built on.
    this.askSoon(document);
  }

  landed(document: vscode.TextDocument, changes: readonly LandedChange[]): void {
    const review = this.reviews.get(document);
    if (review?.growingAt !== undefined) {
      review.land(changes);
      this.draw(document);
    } else {
      // The edit is over: this takes a hunk back.
      this.changed(document, changes);
    }
  }

  changed(document: vscode.TextDocument, changes: readonly Change[], reason?: vscode.TextDocumentChangeReason): void {
    const review = this.reviews.get(document);
    if (review === undefined) {
      return;
    }
    const mayEndHunks = reason !== undefined || review.isTouched(changes);
    review.move(changes);
    this.draw(document);
    if (mayEndHunks) {
      this.askSoon(document);
    }
  }

  /** Whether an edit of a document runs. */
  isGrowing(document: vscode.TextDocument): boolean {
    return this.reviews.get(document)?.growingAt !== undefined;
  }

  /** Keeps or reverts the hunk at the cursor, or all of the edit. */
  async settle(command: 'spark.keep' | 'spark.revert', which: 'atCursor' | 'all'): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const review = editor === undefined ? undefined : this.reviews.get(editor.document);
    if (editor === undefined || review?.editId === undefined || review.hunks.length === 0) {
      void vscode.window.showInformationMessage('There is no change to keep or revert here: run an edit first.');
      return;
    }
    const hunk = review.hunks.length === 1 ? review.hunks[0] : review.hunkAt(editor.selection.active.line);
    if (which === 'atCursor' && hunk === undefined) {
      void vscode.window.showInformationMessage('Put the cursor into a changed block first, or keep or revert all.');
      return;
    }
    await this.run(command, {
      editId: review.editId,
      ...(which === 'atCursor' && hunk !== undefined ? { hunk: hunk.hunk } : {}),
    });
  }

  /** Keeps or reverts what an argument of the server's commands says. */
  async run(command: 'spark.keep' | 'spark.revert', argument: HunkArgument): Promise<void> {
    try {
      await this.client.executeCommand(command, argument);
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
    for (const [document, review] of this.reviews) {
      if (review.editId === argument.editId) {
        this.askSoon(document, 0);
      }
    }
  }

  /** Puts the cursor to another hunk of the active document. */
  goTo(direction: 'next' | 'previous'): void {
    const editor = vscode.window.activeTextEditor;
    const hunk = editor && this.reviews.get(editor.document)?.neighbour(editor.selection.active.line, direction);
    if (editor !== undefined && hunk !== undefined) {
      const range = rangeOf(hunk.range);
      editor.selection = new vscode.Selection(range.start, range.start);
      editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  dispose(): void {
    clearTimeout(this.asking);
    this.subscriptions.dispose();
  }

  /** Asks the server which hunks of a document can still be kept or reverted. */
  private async ask(document: vscode.TextDocument): Promise<void> {
    const review = this.reviews.get(document);
    if (review?.editId === undefined) {
      return;
    }
    const uri = this.client.protocol.asCode2Protocol.asUri(document.uri);
    const lenses = await this.client.request<CodeLens[] | null>('textDocument/codeLens', { textDocument: { uri } });
    if (this.reviews.get(document) !== review) {
      return;
    }
    review.leave(hunksOf(lenses ?? [], review.editId));
    if (review.hunks.length === 0) {
      this.drop(document);
    } else {
      this.draw(document);
    }
  }

  private askSoon(document: vscode.TextDocument, milliseconds = REST): void {
    this.toAsk.add(document);
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      for (const one of this.toAsk) {
        // Without an answer the changes stay as they are drawn; the lenses in the editor come from the same server.
        this.ask(one).catch(() => undefined);
      }
      this.toAsk.clear();
    }, milliseconds);
  }

  private drop(document: vscode.TextDocument): void {
    if (this.reviews.delete(document)) {
      this.draw(document);
    }
  }

  private drawAll(): void {
    for (const document of this.reviews.keys()) {
      this.draw(document);
    }
  }

  private draw(document: vscode.TextDocument): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) {
        this.decorations.draw(editor, this.reviews.get(document));
      }
    }
    this.setContext();
  }

  private setContext(): void {
    const document = vscode.window.activeTextEditor?.document;
    const hunks = document === undefined ? [] : (this.reviews.get(document)?.hunks ?? []);
    void vscode.commands.executeCommand('setContext', 'sparkLsp.reviewing', hunks.length > 0);
  }
}

/** The numbers of the hunks that lenses can keep. */
function hunksOf(lenses: readonly CodeLens[], editId: string): Set<number> {
  const found = new Set<number>();
  for (const { command } of lenses) {
    const argument = command?.arguments?.[0] as { editId?: unknown; hunk?: unknown } | undefined;
    if (command?.command === 'spark.keep' && argument?.editId === editId && typeof argument.hunk === 'number') {
      found.add(argument.hunk);
    }
  }
  return found;
}
