import { open } from 'node:fs/promises';
import { KnownError } from '../errors.ts';
import { lineSplitter, refuseLongLine } from './lines.ts';

/** How far an evaluation has come, for those who read its lines while it runs. */
export interface Progress {
  /** Bytes of whole lines in the file so far. */
  bytes: () => number;
  /** Settles when there are more bytes than before, or the evaluation has ended, well or not. */
  changed: () => Promise<void>;
  /** True once nothing more is to come; throws where the evaluation failed. */
  ended: () => boolean;
}

const chunkBytes = 1 << 20;

/** The lines of a file that grows, in batches, until the evaluation that writes it has ended. */
export async function* follow(file: string, progress: Progress, signal: AbortSignal): AsyncGenerator<string[], void> {
  const handle = await open(file, 'r');
  const splitter = lineSplitter(refuseLongLine(file));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let position = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      // Asked for before looking: what ends in between is seen at the next turn.
      const changed = progress.changed();
      const ended = progress.ended();
      const available = progress.bytes() - position;
      if (available > 0) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, available), position);
        if (bytesRead === 0) {
          throw new KnownError(`${file}: was cut short by something else while it was read; run again`);
        }
        position += bytesRead;
        const lines = splitter.push(buffer.subarray(0, bytesRead));
        if (lines.length > 0) yield lines;
      } else if (ended) {
        return;
      } else {
        await changed;
      }
    }
  } finally {
    await handle.close();
  }
}
