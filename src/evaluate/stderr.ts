/** Lines of a program condensed: alike ones are counted, and the last ones kept as they were. */
export interface Condensed {
  add: (line: string) => void;
  /** How many lines there were. */
  count: () => number;
  /** The most frequent kinds of warnings, each with its number and a first example. */
  kinds: (most: number) => { count: number; example: string }[];
  /** The last lines, for the message of a program that failed. */
  tail: () => string[];
}

const tailLines = 40;
/** So many different kinds are told apart; more are counted together. */
const mostKinds = 1000;
const otherKind = 'other lines';

/** Condenses what a program writes to stderr. An error of an attribute is in its JSON line, so warnings alone are counted. */
export function condense(): Condensed {
  const kinds = new Map<string, { count: number; example: string }>();
  const tail: string[] = [];
  let count = 0;
  return {
    add(line) {
      if (line.trim() === '') return;
      count += 1;
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      if (!/^(?:trace: |evaluation )?warning: /.test(line)) return;
      const kind = kindOf(line);
      const known = kinds.get(kind) ?? kinds.get(kinds.size < mostKinds ? kind : otherKind);
      if (known !== undefined) known.count += 1;
      else kinds.set(kinds.size < mostKinds ? kind : otherKind, { count: 1, example: line });
    },
    count: () => count,
    kinds: (most) =>
      [...kinds.values()].toSorted((a, b) => b.count - a.count || (a.example < b.example ? -1 : 1)).slice(0, most),
    tail: () => tail,
  };
}

/** A line without what differs from one occurrence to the next: quoted names, paths, versions, numbers. */
function kindOf(line: string): string {
  return line
    .replaceAll(/'[^']*'|"[^"]*"|`[^`]*`|«[^»]*»/g, "'…'")
    .replaceAll(/\/\S+/g, '/…')
    .replaceAll(/\b[\w.+-]*\d[\w.+-]*\b/g, '…');
}
