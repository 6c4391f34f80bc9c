import * as vscode from 'vscode';

import { rangeOf } from '../edits/reviewDecorations';
import type { Edits } from '../edits/register';
import { moveChangeOver, spanAfter } from '../edits/spans';
import type { SparkClient, Suggestion } from '../server/client';
import { NextEditDecorations } from './nextEditDecorations';
import type { NextEdit, NextEditSource } from './nextEditSource';
import { hintAtCursor, noteAtEdit, stageOf, type Stage } from './stage';

/** How long a word in the status bar stays, in milliseconds. */
const WORD = 5000;

/** The next edit that is shown, followed through everything that happens to its document. */
export class NextEdits implements vscode.Disposable {
  private readonly decorations = new NextEditDecorations();
  private readonly subscriptions: vscode.Disposable;
  private readonly contexts = new Map<string, boolean>();
  private shown: NextEdit | undefined;
  /** The newest answer with ghost text, to which Tab belongs while it is shown. */
  private ghost: Suggestion | undefined;
  /** What is drawn now, so that the same is not drawn again. */
  private drawn = '';
  /** A next edit is being put into the text. */
  private isMaking = false;
  /** The id that the server was told of. */
  private told: string | undefined;

  constructor(
    private readonly client: SparkClient,
    private readonly source: NextEditSource,
    private readonly edits: Edits,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.decorations,
      source.onDidFind(({ document, edit }) => {
        // Whoever has gone on to another document meanwhile does not look for it any more.
        if (document === vscode.window.activeTextEditor?.document) {
          this.show(edits.isChanging(document) ? undefined : edit);
        }
      }),
      client.onDidSuggest((suggestion) => {
        this.ghost = suggestion.isEmpty ? undefined : suggestion;
        this.draw();
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.changed(event);
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        this.moved(event);
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(() => {
        this.draw();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.drawn = '';
        this.draw();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        // On the way from one editor to another there is none for a moment.
        const isElsewhere = editor !== undefined && this.shown !== undefined && !shows(editor, this.shown);
        this.show(isElsewhere ? undefined : this.shown);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.toString() === this.shown?.uri.toString()) {
          this.show(undefined);
        }
      }),
      client.onDidChangeState((state) => {
        if (state !== 'running') {
          this.show(undefined);
        }
      }),
    );
  }

  /** Goes to the next edit; once there, makes it. */
  async accept(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const { shown } = this;
    if (editor === undefined || shown === undefined) {
      return;
    }
    if (stageIn(editor, shown) === 'atCursor') {
      await this.make(editor, shown);
    } else {
      await this.goTo(shown);
    }
  }

  /** The user does not want it, and the server is not to offer it again. */
  async refuse(): Promise<void> {
    const { shown } = this;
    if (shown !== undefined) {
      this.show(undefined);
      await this.client.notify('spark/didReject', { id: shown.id });
    }
  }

  /** Goes to what comes next, and says so when that is nothing. */
  async seek(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      return;
    }
    try {
      const found = await this.source.askNow(editor.document, editor.selection.active);
      if (found === undefined) {
        vscode.window.setStatusBarMessage('Spark: nothing comes next here.', WORD);
      } else if (editor === vscode.window.activeTextEditor && stageIn(editor, found) !== 'atCursor') {
        await this.goTo(found);
      }
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private show(edit: NextEdit | undefined): void {
    this.shown = edit;
    this.draw();
  }

  private async goTo(edit: NextEdit): Promise<void> {
    const document = await vscode.workspace.openTextDocument(edit.uri);
    const { start } = rangeOf(edit.range);
    // The same edit is to be there on arrival, and not what comes next from that place.
    this.source.skip(document, start.line);
    const active = vscode.window.activeTextEditor;
    if (active?.document === document) {
      active.selection = new vscode.Selection(start, start);
      active.revealRange(rangeOf(edit.range), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } else {
      await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
    }
  }

  private async make(editor: vscode.TextEditor, edit: NextEdit): Promise<void> {
    this.show(undefined);
    if (editor.document.version !== edit.version) {
      return;
    }
    this.isMaking = true;
    const done = await editor
      .edit(
        (builder) => {
          builder.replace(rangeOf(edit.range), edit.text);
        },
        { undoStopBefore: true, undoStopAfter: true },
      )
      .then(undefined, () => false);
    this.isMaking = false;
    if (done) {
      const { end } = rangeOf(spanAfter(edit));
      editor.selection = new vscode.Selection(end, end);
      // The edit is made, whether or not there is a server to hear of it.
      await this.client.executeCommand('spark.accepted', { id: edit.id }).catch(() => undefined);
    }
  }

  private changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    const last = contentChanges.at(-1);
    if (last === undefined) {
      return;
    }
    if (document.uri.toString() === this.shown?.uri.toString()) {
      const moved = moveChangeOver(this.shown, contentChanges);
      this.show(moved === undefined ? undefined : { ...moved, version: document.version });
    }
    if (document !== vscode.window.activeTextEditor?.document) {
      return;
    }
    if (reason !== undefined || this.edits.isChanging(document)) {
      // Nobody who undoes something wants the same offered again, and what the server changes is no example.
      this.show(undefined);
    } else if (this.isMaking) {
      this.source.made(document, spanAfter(last).end);
    } else {
      this.source.changed(document, spanAfter(last).end);
    }
  }

  private moved({ textEditor }: vscode.TextEditorSelectionChangeEvent): void {
    if (textEditor !== vscode.window.activeTextEditor) {
      return;
    }
    if (this.edits.isChanging(textEditor.document)) {
      this.show(undefined);
    } else if (hasOneCursor(textEditor)) {
      this.source.moved(textEditor.document, textEditor.selection.active);
    }
    this.draw();
  }

  /** Draws what is to be seen now; does nothing while that is drawn already. */
  private draw(): void {
    const { shown } = this;
    const active = vscode.window.activeTextEditor;
    const stage = active === undefined || shown === undefined ? undefined : stageIn(active, shown);
    const hasGhost = active !== undefined && this.ghost !== undefined && isAtCursor(active, this.ghost);
    // In the cursor's line there is room for one of them only, and Tab is the ghost text's. With something selected, or
    // with several cursors, Tab indents.
    const isVisible =
      active !== undefined && stage !== undefined && hasOneCursor(active) && !(hasGhost && stage === 'atCursor');
    const drawn =
      shown !== undefined && isVisible
        ? JSON.stringify([shown, stage, hasGhost, stage === 'atCursor' ? 0 : active.selection.active.line])
        : '';
    if (drawn === this.drawn) {
      return;
    }
    this.drawn = drawn;
    for (const editor of vscode.window.visibleTextEditors) {
      this.decorations.clear(editor);
      if (shown === undefined || !isVisible) {
        continue;
      }
      if (shows(editor, shown)) {
        this.decorations.drawEdit(editor, shown, hasGhost ? undefined : noteAtEdit(stage));
      }
      const hint = hintAtCursor(stage, shown.range, fileName(shown.uri));
      if (editor === active && hint !== undefined && !hasGhost) {
        this.decorations.drawHint(editor, hint);
      }
    }
    this.setContext('sparkLsp.nextEditShown', isVisible);
    this.setContext('sparkLsp.nextEditAtCursor', isVisible && stage === 'atCursor');
    if (shown !== undefined && isVisible && shown.id !== this.told) {
      this.told = shown.id;
      void this.client.notify('spark/didShow', { id: shown.id });
    }
  }

  private setContext(name: string, value: boolean): void {
    if (this.contexts.get(name) !== value) {
      this.contexts.set(name, value);
      void vscode.commands.executeCommand('setContext', name, value);
    }
  }
}

function stageIn(editor: vscode.TextEditor, edit: NextEdit): Stage {
  return stageOf(edit.range, {
    cursorLine: editor.selection.active.line,
    visible: editor.visibleRanges.map(({ start, end }) => ({ first: start.line, last: end.line })),
    isSameDocument: shows(editor, edit),
  });
}

function shows(editor: vscode.TextEditor, edit: NextEdit): boolean {
  return editor.document.uri.toString() === edit.uri.toString();
}

function hasOneCursor({ selections }: vscode.TextEditor): boolean {
  return selections.length === 1 && selections.every((selection) => selection.isEmpty);
}

/** Whether ghost text stands at the cursor of an editor. */
function isAtCursor(editor: vscode.TextEditor, { document, version, position }: Suggestion): boolean {
  return editor.document === document && document.version === version && editor.selection.active.isEqual(position);
}

function fileName(uri: vscode.Uri): string {
  return uri.path.split('/').at(-1) ?? '';
}
