import { StringDecoder } from 'node:string_decoder';

/** Cuts text that arrives in pieces into lines; the rest is what no newline has ended yet. */
export interface LineSplitter {
  /** The lines that this piece completes. */
  push: (piece: Buffer) => string[];
  rest: () => string;
}

/** A splitter that knows lines by their newline and keeps characters whole that pieces cut apart. */
export function lineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(piece) {
      const text = decoder.write(piece);
      const lines = text.split('\n');
      const last = lines.pop() ?? '';
      if (lines.length === 0) {
        rest += last;
        return [];
      }
      lines[0] = rest + (lines[0] ?? '');
      rest = last;
      return lines;
    },
    rest: () => rest,
  };
}
