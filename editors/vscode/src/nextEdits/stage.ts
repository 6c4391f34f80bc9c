import type { Span } from '../edits/spans';

/** Where the user is, compared with where the next edit is. */
export type Stage =
  /** On the edit's lines: Tab accepts it. */
  | 'atCursor'
  /** In sight: Tab goes there. */
  | 'inSight'
  /** Somewhere else in the same document: Tab goes there, and a hint at the cursor says so. */
  | 'outOfSight'
  /** In another document. */
  | 'elsewhere';

export interface Whereabouts {
  readonly cursorLine: number;
  /** First and last lines that the editor shows, the last one included. */
  readonly visible: readonly { readonly first: number; readonly last: number }[];
  readonly isSameDocument: boolean;
}

export function stageOf(edit: Span, { cursorLine, visible, isSameDocument }: Whereabouts): Stage {
  if (!isSameDocument) {
    return 'elsewhere';
  }
  const { start, end } = edit;
  if (start.line <= cursorLine && cursorLine <= end.line) {
    return 'atCursor';
  }
  return visible.some(({ first, last }) => first <= start.line && start.line <= last) ? 'inSight' : 'outOfSight';
}

/** What is written at the cursor's line about an edit that cannot be seen from there; nothing where it can. */
export function hintAtCursor(stage: Stage, edit: Span, fileName: string): string | undefined {
  const line = `line ${edit.start.line + 1}`;
  switch (stage) {
    case 'elsewhere':
      return `⇥ Tab: next edit in ${fileName}, ${line}`;
    case 'outOfSight':
      return `⇥ Tab: next edit at ${line}`;
    case 'inSight':
    case 'atCursor':
      return undefined;
  }
}

/** What is written at the edit itself. */
export function noteAtEdit(stage: Stage): string {
  return stage === 'atCursor' ? '⇥ Tab accepts' : '⇥ Tab goes here';
}
