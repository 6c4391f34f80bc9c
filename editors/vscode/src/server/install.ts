import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';

import { isProgram } from './finder';

interface Installer {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** Installs the server with uv or pipx, in a terminal that the user sees; true once that has succeeded. */
export async function installServer(): Promise<boolean> {
  const installer =
    (await find('uv', ['tool', 'install', 'spark-lsp'])) ?? (await find('pipx', ['install', 'spark-lsp']));
  if (installer === undefined) {
    void vscode.window.showErrorMessage(
      'Install uv or pipx first, and run "Spark: Install the Server" again; neither is here.',
    );
    return false;
  }
  const line = [path.basename(installer.program), ...installer.arguments].join(' ');
  const answer = await vscode.window.showInformationMessage(
    'Install the language server spark-lsp?',
    { modal: true, detail: `This runs: ${line}` },
    'Install',
  );
  return answer === 'Install' && (await run(installer));
}

async function find(name: string, rest: readonly string[]): Promise<Installer | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const value = Object.entries(process.env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? '';
  const folders = [...value.split(path.delimiter), path.join(os.homedir(), '.local', 'bin')];
  for (const folder of folders.filter(
    (one) => path.isAbsolute(one) && (vscode.workspace.isTrusted || !isOfWorkspace(one)),
  )) {
    const program = path.join(folder, file);
    if (await isProgram(program)) {
      return { program, arguments: rest };
    }
  }
  return undefined;
}

function isOfWorkspace(folder: string): boolean {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder)) !== undefined;
}

async function run({ program, arguments: rest }: Installer): Promise<boolean> {
  const task = new vscode.Task(
    { type: 'process' },
    vscode.TaskScope.Workspace,
    'Install spark-lsp',
    'spark-lsp',
    new vscode.ProcessExecution(program, [...rest], { cwd: os.homedir() }),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated };
  const execution = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const listening = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === execution) {
        listening.dispose();
        resolve(event.exitCode === 0);
      }
    });
  });
}
