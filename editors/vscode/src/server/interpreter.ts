import * as vscode from 'vscode';

/** The part of the Python extension's interface that is used here. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The Python extension's interface, once that is ready; nothing if it is not installed or does not work. */
async function pythonExtension(): Promise<PythonExtension | undefined> {
  try {
    return await vscode.extensions.getExtension<PythonExtension>('ms-python.python')?.activate();
  } catch {
    return undefined;
  }
}

/** The Python that is selected for the workspace. */
export async function selectedInterpreter(): Promise<string | undefined> {
  const python = await pythonExtension();
  const path = python?.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
  return path === '' ? undefined : path;
}
