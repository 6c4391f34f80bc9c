import * as vscode from 'vscode';

import { InstructionHistory, tidy } from './instructionHistory';

const STORAGE_KEY = 'sparkLsp.instructions';

interface InstructionItem extends vscode.QuickPickItem {
  /** What stood in the box when the item was made. */
  readonly madeFor: string;
}

/** Asks for an instruction, and remembers those that were given, for all workspaces. */
export class InstructionInput {
  private readonly forget: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('close'),
    tooltip: 'Forget this instruction',
  };

  constructor(private readonly storage: vscode.Memento) {}

  /** The instruction; undefined when the user wants none after all. */
  async ask(title: string): Promise<string | undefined> {
    const picker = vscode.window.createQuickPick<InstructionItem>();
    picker.title = title;
    picker.placeholder = 'What is to be changed? Enter edits at once';
    const show = (): void => {
      picker.items = this.items(picker.value);
    };
    show();
    const subscriptions = [
      picker.onDidChangeValue(show),
      picker.onDidTriggerItemButton(async ({ item }) => {
        await this.store(this.history().without(item.label));
        show();
      }),
    ];
    try {
      const instruction = await new Promise<string | undefined>((resolve) => {
        subscriptions.push(
          picker.onDidAccept(() => {
            // Who types fast presses Enter before the list has followed: then what was typed counts.
            const [item] = picker.activeItems;
            const typed = tidy(picker.value);
            resolve(item?.madeFor === typed ? item.label : typed);
          }),
          picker.onDidHide(() => {
            resolve(undefined);
          }),
        );
        picker.show();
      });
      return instruction === '' ? undefined : instruction;
    } finally {
      vscode.Disposable.from(...subscriptions, picker).dispose();
    }
  }

  async remember(instruction: string): Promise<void> {
    await this.store(this.history().with(instruction));
  }

  /** What was typed comes first, so that Enter takes it; what is remembered and matches comes after it. */
  private items(value: string): InstructionItem[] {
    const typed = tidy(value);
    const remembered = this.history()
      .matching(typed)
      .filter((one) => one !== typed);
    return [
      ...(typed === '' ? [] : [{ label: typed, madeFor: typed, alwaysShow: true }]),
      ...remembered.map((label) => ({ label, madeFor: typed, alwaysShow: true, buttons: [this.forget] })),
    ];
  }

  private history(): InstructionHistory {
    return InstructionHistory.from(this.storage.get(STORAGE_KEY));
  }

  private async store(history: InstructionHistory): Promise<void> {
    await this.storage.update(STORAGE_KEY, history.instructions);
  }
}
