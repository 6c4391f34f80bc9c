import type * as vscode from 'vscode';
import type { Code2ProtocolConverter, Protocol2CodeConverter } from 'vscode-languageclient/node';

export type ServerState = 'starting' | 'running' | 'stopped';

/** What features may do with the language server, whichever process it happens to be at the moment. */
export interface SparkClient {
  /** Sends a request. Rejects with a sentence for the user when the server is not running. */
  request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R>;

  /** Sends a notification; does nothing when the server is not running. */
  notify(method: string, params: unknown): Promise<void>;

  /** Runs one of the server's own commands (`workspace/executeCommand`) with its one argument. */
  executeCommand<R>(command: string, argument: unknown, token?: vscode.CancellationToken): Promise<R>;

  /**
   * Does one of the server's own commands when VS Code runs it, from a code action or a code lens, with its one argument.
   * The handler says to the server what there is to say. One handler a command.
   */
  onCommand(command: string, handler: (argument: unknown) => Promise<unknown>): vscode.Disposable;

  /** Answers a request of the server, of this process and of all that come after a restart. One handler a method. */
  onRequest<P, R>(
    method: string,
    handler: (params: P, token: vscode.CancellationToken) => R | Promise<R>,
  ): vscode.Disposable;

  /** Takes a notification of the server, of this process and of all that come after a restart. Any number of handlers. */
  onNotification<P>(method: string, handler: (params: P) => void): vscode.Disposable;

  /** Told of every answer with ghost text or without, before VS Code gets it. */
  readonly onDidSuggest: vscode.Event<Suggestion>;

  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
  readonly protocol: Converters;
}

/** Ghost text at a place of a document, or that there is none. */
export interface Suggestion {
  readonly document: vscode.TextDocument;
  /** The version of the document when it was asked about. */
  readonly version: number;
  readonly position: vscode.Position;
  readonly isEmpty: boolean;
}

/** From VS Code's types to LSP's, and back. */
export interface Converters {
  readonly asCode2Protocol: Code2ProtocolConverter;
  readonly asProtocol2Code: Protocol2CodeConverter;
}
