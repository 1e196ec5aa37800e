import { StringDecoder } from 'node:string_decoder';
import { KnownError } from '../errors.ts';

/** Cuts text that arrives in pieces into lines; the rest is what no newline has ended yet. */
export interface LineSplitter {
  /** The lines that this piece completes. */
  push: (piece: Buffer) => string[];
  rest: () => string;
}

/** No line of nixpkgs has a megabyte; JavaScript's strings end at half a gigabyte. */
const longestLine = 1 << 26;

/**
 * A splitter that knows lines by their newline and keeps characters whole that pieces cut apart.
 * @param tooLong is asked where no newline came for so many characters: it throws, or they count as a line
 */
export function lineSplitter(tooLong: (length: number) => void, longest = longestLine): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(piece) {
      const lines = decoder.write(piece).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      if (rest.length > longest) {
        tooLong(rest.length);
        lines.push(rest);
        rest = '';
      }
      return lines;
    },
    rest: () => rest,
  };
}

/** Refuses lines that are too long to be jobs. */
export function refuseLongLine(origin: string): (length: number) => void {
  return (length) => {
    throw new KnownError(
      `${origin} has ${length} characters without a line feed: that is no JSON of a job. ` +
        'Check that this is nix-eval-jobs 2.31 or newer, and that no wrapper writes to its stdout.',
    );
  };
}
