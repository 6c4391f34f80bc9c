import {
  CloseAction,
  type CloseHandlerResult,
  type ErrorHandler,
  type LanguageClient,
} from 'vscode-languageclient/node';

/**
 * Decides what happens when the connection to a server ends.
 *
 * A server that crashes is started again, with the limits of the protocol library's default error handler. While
 * `restarts` is false it is not: its first start failed, or it is being ended, and somebody else says so.
 */
export class Supervision implements ErrorHandler {
  restarts = false;
  private limits: ErrorHandler | undefined;

  /** `giveUp` gets a sentence for the user when a server that worked is not started again. */
  constructor(private readonly giveUp: (problem: string) => void) {}

  supervise(client: LanguageClient): void {
    this.limits = client.createDefaultErrorHandler();
  }

  error: ErrorHandler['error'] = async (...failure) => {
    const decision = await this.limits?.error(...failure);
    if (decision === undefined) {
      throw new Error('No client is supervised.');
    }
    return { ...decision, handled: true };
  };

  async closed(): Promise<CloseHandlerResult> {
    const decision = this.restarts ? await this.limits?.closed() : undefined;
    if (decision?.action === CloseAction.Restart) {
      return { ...decision, handled: true };
    }
    this.surrender('crashed five times within three minutes and is not started again');
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  /** Gives up, unless it is clear already that the server does not come back. */
  surrender(what: string): void {
    if (this.restarts) {
      this.restarts = false;
      this.giveUp(`The spark-lsp server ${what}: see its log.`);
    }
  }
}
