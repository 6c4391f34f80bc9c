import os from 'node:os';
import * as vscode from 'vscode';

import type { Keys } from '../keys/keys';
import { configuredProgram } from '../settings/configuration';
import type { StatusItems } from '../status/items';
import { findServer } from './finder';
import { installServer } from './install';
import { selectedInterpreter } from './interpreter';
import type { LanguageServer } from './languageServer';

/** Finds the server, starts it, and says what is wrong when that does not work. */
export class ServerController implements vscode.Disposable {
  private readonly listening: vscode.Disposable;
  private hasOffered = false;
  private starts = 0;

  constructor(
    private readonly server: LanguageServer,
    private readonly keys: Keys,
    private readonly status: StatusItems,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = vscode.Disposable.from(
      keys.onDidChange(() => void this.start()),
      server.onDidChangeState((state) => {
        void vscode.commands.executeCommand('setContext', 'sparkLsp.serverRunning', state === 'running');
      }),
      server.onGaveUp((reason) => void this.complain(reason)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.start()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('spark.path')) {
          void this.start();
        }
      }),
      vscode.commands.registerCommand('sparkLsp.restart', () => this.start({ isAskedFor: true })),
      vscode.commands.registerCommand('sparkLsp.showLog', () => {
        this.log.show();
      }),
      vscode.commands.registerCommand('sparkLsp.installServer', () => this.install()),
    );
  }

  /** Starts the server anew, with what settings, keys and trust are now. Never rejects. */
  async start({ isAskedFor = false } = {}): Promise<void> {
    const start = ++this.starts;
    const environment = process.env;
    const trusted = vscode.workspace.isTrusted;
    const found = await findServer(
      {
        configured: configuredProgram(),
        trusted,
        folders: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
        interpreter: trusted ? await selectedInterpreter() : undefined,
        environment,
        home: os.homedir(),
        platform: process.platform,
      },
      (message) => {
        this.log.warn(message);
      },
    );
    if (start !== this.starts) {
      return; // what was found is for settings that have changed since
    }
    if ('problem' in found) {
      await this.server.stop();
      this.log.error(found.problem);
      this.status.explain(found.problem);
      if (!this.hasOffered || isAskedFor) {
        this.hasOffered = true;
        void this.offer(found.problem, found.installable);
      }
      return;
    }
    const { program, arguments: rest, origin } = found.candidate;
    this.log.info(`Starting ${[program, ...rest].join(' ')} (${found.version}, found by: ${origin})`);
    try {
      await this.server.start({
        program,
        arguments: rest,
        environment: await this.keys.addedTo(environment),
        folder: os.homedir(),
      });
    } catch (error) {
      await this.complain(`The spark-lsp server could not be started (${messageOf(error)}): see its log.`);
    }
  }

  dispose(): void {
    this.listening.dispose();
  }

  private async install(): Promise<void> {
    if (await installServer()) {
      await this.start({ isAskedFor: true });
    }
  }

  /** Says why there is no server, and what can be done about it. */
  private async offer(problem: string, installable: boolean): Promise<void> {
    const install = 'Install';
    const setting = 'Open Settings';
    const answer = await vscode.window.showWarningMessage(problem, ...(installable ? [install] : []), setting);
    if (answer === install) {
      await this.install();
    } else if (answer === setting) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'spark.path');
    }
  }

  private async complain(problem: string): Promise<void> {
    this.log.error(problem);
    this.status.explain(problem);
    const restart = 'Restart';
    const show = 'Show Log';
    const answer = await vscode.window.showErrorMessage(problem, restart, show);
    if (answer === restart) {
      await this.start({ isAskedFor: true });
    } else if (answer === show) {
      this.log.show();
    }
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
