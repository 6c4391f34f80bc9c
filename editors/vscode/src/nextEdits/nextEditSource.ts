import * as vscode from 'vscode';
import type { Command, Range } from 'vscode-languageclient/node';

import type { Change, Place } from '../edits/spans';
import type { SparkClient } from '../server/client';
import { trimmed } from './drawing';
import { linesOf } from './nextEditDecorations';

/** A next edit, for one version of its document. */
export interface NextEdit extends Change {
  /** By which the server is told what became of it. */
  readonly id: string;
  readonly uri: vscode.Uri;
  readonly version: number;
}

/** What comes next, or that nothing does. */
export interface Found {
  /** The document that was asked about; the edit may be in another. */
  readonly document: vscode.TextDocument;
  readonly edit: NextEdit | undefined;
}

/** The answer to `textDocument/copilotInlineEdit`. */
interface InlineEdits {
  readonly edits: readonly {
    readonly text: string;
    /** The version is null for a file that is not open. */
    readonly textDocument: { readonly uri: string; readonly version: number | null };
    readonly range: Range;
    readonly command?: Command;
  }[];
}

/** How long after a change the cursor's moves ask what comes next, in milliseconds. */
const RECENT = 30_000;

/**
 * How long after a key it is asked, in milliseconds: once for what the key changed and where the cursor went, and when the
 * ghost text for it, which VS Code asks for 50 ms after a key, has been drawn.
 */
const SETTLING = 120;

/**
 * Asks the server what comes next, as often as there is something to ask about. Only the newest answer counts.
 *
 * Earlier requests for the same document are not cancelled: the server asks a model one thing at a time, moves its answer
 * over what is typed meanwhile, and gives it to all who wait.
 */
export class NextEditSource implements vscode.Disposable {
  private readonly finds = new vscode.EventEmitter<Found>();
  private asking: { readonly uri: string; readonly cancel: vscode.CancellationTokenSource } | undefined;
  /** Counts requests, so that only the newest is listened to. */
  private newest = 0;
  /** What was asked about last. */
  private asked: { readonly uri: string; readonly version: number; readonly line: number } | undefined;
  private changedAt = Number.NEGATIVE_INFINITY;
  /** What is to be asked about in a moment. */
  private planned: NodeJS.Timeout | undefined;

  /** Told of the newest answer. */
  readonly onDidFind = this.finds.event;

  constructor(private readonly client: SparkClient) {}

  /** A document was changed at a place, by a key. */
  changed(document: vscode.TextDocument, place: Place): void {
    this.changedAt = Date.now();
    this.ask(document, place, SETTLING);
  }

  /** A next edit was made, which ends at a place: whoever made it waits for the one after it. */
  made(document: vscode.TextDocument, place: Place): void {
    this.changedAt = Date.now();
    this.ask(document, place, 0);
  }

  /** The cursor was moved, by a key that changed the text or without one. */
  moved(document: vscode.TextDocument, place: Place): void {
    const { asked } = this;
    const isKnown =
      asked?.uri === document.uri.toString() && asked.version === document.version && asked.line === place.line;
    if (!isKnown && Date.now() - this.changedAt < RECENT) {
      this.ask(document, place, SETTLING);
    }
  }

  /** The cursor is about to be brought to a line, and nothing is to be asked there. */
  skip(document: vscode.TextDocument, line: number): void {
    this.asked = { uri: document.uri.toString(), version: document.version, line };
  }

  /** Asks, and answers the caller as well. */
  async askNow(document: vscode.TextDocument, place: Place): Promise<NextEdit | undefined> {
    const uri = document.uri.toString();
    if (this.asking?.uri !== uri) {
      this.leave();
      this.asking = { uri, cancel: new vscode.CancellationTokenSource() };
    }
    this.asked = { uri, version: document.version, line: place.line };
    const number = ++this.newest;
    const textDocument = { uri: this.client.protocol.asCode2Protocol.asUri(document.uri), version: document.version };
    const params = { textDocument, position: { line: place.line, character: place.character } };
    const { token } = this.asking.cancel;
    let answer = await this.client.request<InlineEdits>('textDocument/copilotInlineEdit', params, token);
    const [edit] = answer.edits;
    if (edit?.textDocument.version === null && number === this.newest) {
      // Once the file is open, the edit is for a version of it.
      await vscode.workspace.openTextDocument(this.client.protocol.asProtocol2Code.asUri(edit.textDocument.uri));
      answer = await this.client.request<InlineEdits>('textDocument/copilotInlineEdit', params, token);
    }
    const found = this.read(answer);
    if (number === this.newest) {
      this.finds.fire({ document, edit: found });
    }
    return found;
  }

  dispose(): void {
    clearTimeout(this.planned);
    this.leave();
    this.finds.dispose();
  }

  /** What was asked about a document is not waited for any more. */
  private leave(): void {
    this.asking?.cancel.cancel();
    this.asking?.cancel.dispose();
    this.asking = undefined;
  }

  private ask(document: vscode.TextDocument, place: Place, delay: number): void {
    if (this.client.state !== 'running' || !['file', 'untitled'].includes(document.uri.scheme)) {
      return;
    }
    clearTimeout(this.planned);
    this.planned = setTimeout(() => {
      if (!document.isClosed) {
        // Without an answer there is no suggestion; what is wrong with the server is said elsewhere.
        this.askNow(document, place).catch(() => undefined);
      }
    }, delay);
  }

  private read(answer: InlineEdits): NextEdit | undefined {
    const [edit] = answer.edits;
    const argument = edit?.command?.arguments?.[0] as { id?: unknown } | undefined;
    if (edit === undefined || typeof argument?.id !== 'string') {
      return undefined;
    }
    const uri = this.client.protocol.asProtocol2Code.asUri(edit.textDocument.uri);
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (document?.version !== edit.textDocument.version) {
      return undefined;
    }
    const range = document.validateRange(this.client.protocol.asProtocol2Code.asRange(edit.range));
    const change = trimmed(linesOf(document), { range, text: edit.text });
    return { ...change, id: argument.id, uri, version: document.version };
  }
}
