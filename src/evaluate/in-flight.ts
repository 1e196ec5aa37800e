import { pathKey, pathOfKey, type AttributePath } from './paths.ts';

/** Which attribute paths an evaluator has announced and not finished: those that a dying worker takes along. */
export interface InFlight {
  /** Takes a line of stderr; false where it announces nothing. */
  announced: (line: string) => boolean;
  printed: (path: AttributePath) => void;
  unfinished: () => string[][];
}

/** Follows the announcements of nix/evaluate.nix. */
export function inFlight(): InFlight {
  const begun = new Set<string>();
  const printed = new Set<string>();
  return {
    announced(line) {
      const [, word, path] = /^trace: fdnix-(begin|end) (\[.*\])$/.exec(line) ?? [];
      if (path === undefined) return false;
      const key = pathKey(pathOfKey(path));
      if (word === 'begin') begun.add(key);
      else begun.delete(key);
      return true;
    },
    printed: (path) => void printed.add(pathKey(path)),
    unfinished: () => [...begun].filter((key) => !printed.has(key)).map(pathOfKey),
  };
}
