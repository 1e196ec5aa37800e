import { UsageError } from '../errors.ts';

/** Where a value came from. */
export type Origin =
  | { kind: 'default' }
  | { kind: 'file'; file: string; line: number }
  /** `text` is the whole assignment as it was given. */
  | { kind: 'set'; text: string }
  | { kind: 'flag'; text: string }
  | { kind: 'variable'; name: string };

/** Something wrong with the configuration. */
export interface Problem {
  origin: Origin;
  /** The dotted key, or null where the problem lies with the whole file or flag. */
  key: string | null;
  message: string;
}

/** An origin as a message begins with it: `fdnix.config.yaml:3`, `--set mode=x`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return origin.line > 0 ? `${origin.file}:${origin.line}` : origin.file;
    case 'set':
      return `--set ${clip(origin.text)}`;
    case 'flag':
      return clip(origin.text);
    case 'variable':
      return origin.name;
  }
}

/** All problems in one error, a line each, in the order of the file and then of the flags. */
export function configurationError(problems: readonly Problem[]): UsageError {
  const lines = [...new Set(problems.toSorted(byPlace).map(describeProblem))];
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return new UsageError(first);
  return new UsageError(
    [`${lines.length} problems in the configuration:`, ...lines.map((line) => `  ${line}`)].join('\n'),
  );
}

function describeProblem({ origin, key, message }: Problem): string {
  const place = origin.kind === 'default' ? [] : [describeOrigin(origin)];
  return [...place, ...(key === null ? [] : [key]), message].join(': ');
}

function byPlace(a: Problem, b: Problem): number {
  return lineOf(a) - lineOf(b);
}

function lineOf({ origin }: Problem): number {
  return origin.kind === 'file' ? origin.line : Number.MAX_SAFE_INTEGER;
}

/** A value as a message quotes it: JSON on one line, at most about 80 characters, whatever it is. */
export function quote(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  return clip(safeJson(value));
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? 'a list that contains itself' : 'a map that contains itself';
  }
}

/** A text on one line, cut after 80 characters, with control characters shown. */
export function clip(text: string): string {
  const shown = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return shown.length > 80
    ? `${shown
        .slice(0, 79)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
    : shown;
}
