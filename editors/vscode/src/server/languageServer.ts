import * as vscode from 'vscode';
import {
  ExecuteCommandRequest,
  LanguageClient,
  State,
  type LanguageClientOptions,
  type StaticFeature,
} from 'vscode-languageclient/node';

import type { Converters, ServerState, SparkClient } from './client';

/** How the server process is started. */
export interface Launch {
  readonly program: string;
  readonly arguments: readonly string[];
  /** The process' whole environment, keys included. */
  readonly environment: NodeJS.ProcessEnv;
}

type RequestHandler = (params: unknown, token: vscode.CancellationToken) => unknown;
type CommandHandler = (argument: unknown) => Promise<unknown>;
type NotificationHandler = (params: unknown) => void;

/**
 * The language server over all its processes.
 *
 * Every start has a language client of its own, since one that failed to start cannot be started again. At most one of
 * them is there at any time: the server's commands would be registered twice otherwise.
 */
export class LanguageServer implements SparkClient, vscode.Disposable {
  private client: LanguageClient;
  private readonly commandHandlers = new Map<string, CommandHandler>();
  private readonly requestHandlers = new Map<string, RequestHandler>();
  private readonly notificationHandlers = new Map<string, Set<NotificationHandler>>();
  private readonly stateChanges = new vscode.EventEmitter<ServerState>();
  private currentState: ServerState = 'stopped';
  private changing: Promise<void> = Promise.resolve();

  readonly onDidChangeState = this.stateChanges.event;

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly options: LanguageClientOptions = {},
  ) {
    this.client = this.makeClient({ program: 'spark-lsp', arguments: [], environment: {} });
  }

  get state(): ServerState {
    return this.currentState;
  }

  get protocol(): Converters {
    return { asCode2Protocol: this.client.code2ProtocolConverter, asProtocol2Code: this.client.protocol2CodeConverter };
  }

  /** Ends the server, if one is running, and starts another. Rejects when that cannot be started. */
  start(launch: Launch): Promise<void> {
    return this.oneAfterTheOther(async () => {
      await this.end();
      this.client = this.makeClient(launch);
      await this.client.start();
    });
  }

  stop(): Promise<void> {
    return this.oneAfterTheOther(() => this.end());
  }

  async request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    if (this.state === 'stopped') {
      throw new Error('The spark-lsp server is not running: run "Spark: Restart the Server".');
    }
    return this.client.sendRequest<R>(method, params, token);
  }

  async notify(method: string, params: unknown): Promise<void> {
    if (this.state === 'running') {
      await this.client.sendNotification(method, params);
    }
  }

  executeCommand<R>(command: string, argument: unknown, token?: vscode.CancellationToken): Promise<R> {
    return this.request<R>(ExecuteCommandRequest.method, { command, arguments: [argument] }, token);
  }

  onCommand(command: string, handler: CommandHandler): vscode.Disposable {
    this.commandHandlers.set(command, handler);
    return new vscode.Disposable(() => {
      if (this.commandHandlers.get(command) === handler) {
        this.commandHandlers.delete(command);
      }
    });
  }

  onRequest<P, R>(
    method: string,
    handler: (params: P, token: vscode.CancellationToken) => R | Promise<R>,
  ): vscode.Disposable {
    const taken = handler as RequestHandler;
    this.requestHandlers.set(method, taken);
    this.listenTo(this.client, method);
    return new vscode.Disposable(() => {
      if (this.requestHandlers.get(method) === taken) {
        this.requestHandlers.delete(method);
      }
    });
  }

  onNotification<P>(method: string, handler: (params: P) => void): vscode.Disposable {
    const taken = handler as NotificationHandler;
    const handlers = this.notificationHandlers.get(method);
    if (handlers === undefined) {
      this.notificationHandlers.set(method, new Set([taken]));
      this.listenTo(this.client, method);
    } else {
      handlers.add(taken);
    }
    return new vscode.Disposable(() => this.notificationHandlers.get(method)?.delete(taken));
  }

  dispose(): void {
    this.stateChanges.dispose();
  }

  private makeClient(launch: Launch): LanguageClient {
    const client = new LanguageClient(
      'spark',
      'spark-lsp',
      {
        command: launch.program,
        args: [...launch.arguments],
        options: { env: launch.environment },
      },
      {
        documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
        outputChannel: this.log,
        traceOutputChannel: this.log,
        ...this.options,
        middleware: {
          ...this.options.middleware,
          executeCommand: (command, given: unknown[], next) =>
            this.commandHandlers.get(command)?.(given[0]) ?? (next(command, given) as unknown),
        },
      },
    );
    client.registerFeature(new OwnCapabilities());
    client.onDidChangeState(({ newState }) => {
      if (client === this.client) {
        this.setState(newState === State.Running ? 'running' : newState === State.Starting ? 'starting' : 'stopped');
      }
    });
    for (const method of [...this.requestHandlers.keys(), ...this.notificationHandlers.keys()]) {
      this.listenTo(client, method);
    }
    return client;
  }

  private listenTo(client: LanguageClient, method: string): void {
    if (this.requestHandlers.has(method)) {
      client.onRequest(method, (params: unknown, token: vscode.CancellationToken) => {
        const handler = this.requestHandlers.get(method);
        if (handler === undefined) {
          throw new Error(`Nothing answers ${method} at the moment.`);
        }
        return handler(params, token);
      });
    }
    if (this.notificationHandlers.has(method)) {
      client.onNotification(method, (params: unknown) => {
        for (const handler of this.notificationHandlers.get(method) ?? []) {
          handler(params);
        }
      });
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    try {
      await client.dispose();
    } catch (error) {
      // It never started, or did not stop in time; the process is ended all the same.
      this.log.debug(`The server did not stop as it should: ${String(error)}`);
    }
    this.setState('stopped');
  }

  private setState(state: ServerState): void {
    if (state !== this.currentState) {
      this.currentState = state;
      this.stateChanges.fire(state);
    }
  }

  private oneAfterTheOther(step: () => Promise<void>): Promise<void> {
    this.changing = this.changing.then(step, step);
    return this.changing;
  }
}

/** Tells the server that this client speaks its own messages. */
class OwnCapabilities implements StaticFeature {
  fillInitializeParams(params: { clientInfo?: { name: string } }): void {
    if (params.clientInfo !== undefined) {
      // By its name the server knows what the client does with a suggestion that goes on behind the cursor; VS Code's
      // descendants have names of their own.
      params.clientInfo.name = `spark-lsp for ${params.clientInfo.name}`;
    }
  }

  fillClientCapabilities(capabilities: { experimental?: unknown }): void {
    capabilities.experimental = {
      ...(capabilities.experimental as object | undefined),
      spark: { status: true, applyEdit: true },
    };
  }

  initialize(): void {
    // There is nothing to do once the server has answered.
  }

  getState(): { kind: 'static' } {
    return { kind: 'static' };
  }

  clear(): void {
    // Nothing is held.
  }
}
