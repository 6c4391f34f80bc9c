import * as vscode from 'vscode';

import type { SparkClient } from '../server/client';
import { statusText, type Status } from './status';

/** The status bar item, and the same in the status of the editor's language. */
export class StatusItems implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('spark', vscode.StatusBarAlignment.Right, 100);
  private readonly languageItem = vscode.languages.createLanguageStatusItem('spark', [
    { scheme: 'file' },
    { scheme: 'untitled' },
  ]);
  private readonly listening: vscode.Disposable;
  private told: Status | undefined;
  private whyStopped: string | undefined;

  constructor(private readonly client: SparkClient) {
    this.item.name = 'Spark';
    this.item.command = 'sparkLsp.menu';
    this.languageItem.name = 'Spark';
    this.languageItem.command = { title: 'Menu', command: 'sparkLsp.menu' };
    this.listening = vscode.Disposable.from(
      client.onNotification<Status>('spark/status', (status) => {
        this.told = status;
        this.update();
      }),
      client.onDidChangeState((state) => {
        if (state !== 'running') {
          this.told = undefined;
        }
        if (state !== 'stopped') {
          this.whyStopped = undefined;
        }
        this.update();
      }),
    );
    this.update();
    this.item.show();
  }

  /** What the server said last; nothing before it has, or when it is not running. */
  get status(): Status | undefined {
    return this.told;
  }

  /** Says why there is no server. */
  explain(problem: string): void {
    this.whyStopped = problem;
    this.update();
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
    this.languageItem.dispose();
  }

  private update(): void {
    const { text, tooltip, severity } = statusText(this.client.state, this.told, this.whyStopped);
    this.item.text = text;
    this.item.tooltip = asMarkdown(tooltip);
    this.item.accessibilityInformation = { label: tooltip.join(', ') };
    this.item.backgroundColor =
      severity === 'information' ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    this.languageItem.text = text;
    this.languageItem.detail = tooltip.slice(1).join(' · ');
    this.languageItem.severity = {
      information: vscode.LanguageStatusSeverity.Information,
      warning: vscode.LanguageStatusSeverity.Warning,
      error: vscode.LanguageStatusSeverity.Error,
    }[severity];
  }
}

/** Plain lines: what they quote is not ours and is shown as it is. */
function asMarkdown(lines: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  for (const line of lines) {
    markdown.appendText(line).appendMarkdown('  \n');
  }
  return markdown;
}
