import * as vscode from 'vscode';
import { ExecuteCommandRequest, LanguageClient, State, type Middleware } from 'vscode-languageclient/node';

import type { Converters, ServerState, SparkClient, Suggestion } from './client';
import { OwnCapabilities } from './ownCapabilities';
import { copyLog } from './serverLog';
import { Supervision } from './supervision';

/** How the server process is started. */
export interface Launch {
  readonly program: string;
  readonly arguments: readonly string[];
  /** The process' whole environment, keys included. */
  readonly environment: NodeJS.ProcessEnv;
  /** The folder that it runs in. Not the workspace: Python may take modules from where it runs. */
  readonly folder: string;
}

type RequestHandler = (params: unknown, token: vscode.CancellationToken) => unknown;
type CommandHandler = (argument: unknown) => Promise<unknown>;
type NotificationHandler = (params: unknown) => void;

/** How long the server may take to answer `initialize`. Unit: milliseconds. */
const START_DEADLINE = 30_000;

/** How long a client may take to try once more after a start that failed. Unit: milliseconds. */
const SECOND_TRY = 1000;

/**
 * The language server over all its processes.
 *
 * Every start has a language client of its own, since one that failed to start cannot be started again. At most one of
 * them is there at any time: the server's commands would be registered twice otherwise.
 */
export class LanguageServer implements SparkClient, vscode.Disposable {
  private client: LanguageClient;
  private supervision: Supervision;
  private readonly commandHandlers = new Map<string, CommandHandler>();
  private readonly requestHandlers = new Map<string, RequestHandler>();
  private readonly notificationHandlers = new Map<string, Set<NotificationHandler>>();
  private readonly suggestions = new vscode.EventEmitter<Suggestion>();
  private readonly stateChanges = new vscode.EventEmitter<ServerState>();
  private readonly surrenders = new vscode.EventEmitter<string>();
  private currentState: ServerState = 'stopped';
  private isEnding = false;
  private changing: Promise<void> = Promise.resolve();

  readonly onDidChangeState = this.stateChanges.event;
  readonly onDidSuggest = this.suggestions.event;
  /** A server that worked ended and is not started again; with a sentence for the user. */
  readonly onGaveUp = this.surrenders.event;

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
  ) {
    [this.client, this.supervision] = this.makeClient({ program: '', arguments: [], environment: {}, folder: '' });
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
      this.setState('starting');
      await this.end();
      [this.client, this.supervision] = this.makeClient(launch);
      try {
        await withDeadline(this.client.start(), START_DEADLINE, 'it did not answer');
        this.supervision.restarts = true;
      } catch (error) {
        await this.end();
        this.setState('stopped');
        throw error;
      }
    });
  }

  stop(): Promise<void> {
    return this.oneAfterTheOther(async () => {
      await this.end();
      this.setState('stopped');
    });
  }

  async request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    if (this.state === 'starting') {
      await this.changing.catch(() => undefined);
    }
    if (this.currentState === 'stopped') {
      throw new Error('The spark-lsp server is not running: run "Spark: Restart the Server".');
    }
    // A token that is undefined would be sent as a second parameter.
    return token === undefined
      ? this.client.sendRequest<R>(method, params)
      : this.client.sendRequest<R>(method, params, token);
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
    void this.stop();
    this.stateChanges.dispose();
    this.suggestions.dispose();
    this.surrenders.dispose();
  }

  private makeClient(launch: Launch): [LanguageClient, Supervision] {
    const supervision = new Supervision((problem) => {
      this.surrenders.fire(problem);
    });
    const client = new QuietLanguageClient(
      'spark',
      'spark-lsp',
      {
        command: launch.program,
        args: [...launch.arguments],
        options: { env: launch.environment, cwd: launch.folder },
      },
      {
        documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
        outputChannel: this.log,
        traceOutputChannel: this.log,
        middleware: {
          ...this.middleware,
          executeCommand: (command, given: unknown[], next) =>
            this.commandHandlers.get(command)?.(given[0]) ?? (next(command, given) as unknown),
          provideInlineCompletionItems: async (document, position, context, token, next) => {
            const { version } = document;
            const found = await next(document, position, context, token);
            const items = Array.isArray(found) ? found : (found?.items ?? []);
            this.suggestions.fire({ document, version, position, isEmpty: items.length === 0 });
            return found;
          },
        },
        initializationFailedHandler: () => false,
        errorHandler: supervision,
        stdioOptions: { stdout: () => undefined, stderr: copyLog },
      },
    );
    supervision.supervise(client);
    client.registerFeature(new OwnCapabilities());
    client.onDidChangeState(({ newState }) => {
      if (newState === State.StartFailed) {
        setTimeout(() => {
          if (client.state === State.StartFailed) {
            supervision.surrender('could not be started again');
          }
        }, SECOND_TRY);
      }
      if (client === this.client && !this.isEnding) {
        this.setState(newState === State.Running ? 'running' : newState === State.Starting ? 'starting' : 'stopped');
      }
    });
    for (const method of [...this.requestHandlers.keys(), ...this.notificationHandlers.keys()]) {
      this.listenTo(client, method);
    }
    return [client, supervision];
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

  /** Ends the process at hand; what cannot be asked to end any more is killed by the client. Says nothing of the state. */
  private async end(): Promise<void> {
    this.supervision.restarts = false;
    this.isEnding = true;
    try {
      await this.client.dispose();
    } catch (error) {
      this.log.debug(`The server did not end as it should: ${String(error)}`);
    } finally {
      this.isEnding = false;
    }
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

/** A language client that writes into its log and leaves it to us to bother the user. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

async function withDeadline(work: Promise<void>, milliseconds: number, problem: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(problem));
    }, milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
