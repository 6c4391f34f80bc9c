/** How many instructions are remembered. */
export const MOST_REMEMBERED = 50;

/** The instructions of earlier edits, newest first and each only once. Immutable. */
export class InstructionHistory {
  private constructor(readonly instructions: readonly string[]) {}

  /** The history as it was stored, whatever that is by now: what is no instruction is left out. */
  static from(stored: unknown): InstructionHistory {
    const instructions = Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : [];
    return new InstructionHistory(
      [...new Set(instructions.map(tidy))].filter((one) => one !== '').slice(0, MOST_REMEMBERED),
    );
  }

  /** The history after one more edit. */
  with(instruction: string): InstructionHistory {
    return InstructionHistory.from([instruction, ...this.instructions]);
  }

  without(instruction: string): InstructionHistory {
    return new InstructionHistory(this.instructions.filter((one) => one !== instruction));
  }

  /** The instructions that have all words of what was typed, in any order and case. */
  matching(typed: string): string[] {
    const words = typed.toLowerCase().split(/\s+/);
    return this.instructions.filter((one) => {
      const lower = one.toLowerCase();
      return words.every((word) => lower.includes(word));
    });
  }
}

/** An instruction with single spaces, as it is remembered and sent. */
export function tidy(instruction: string): string {
  return instruction.trim().replace(/\s+/g, ' ');
}
