import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** See `callsBegun`. */
export interface CallsBegun {
  add: (hash: string) => Promise<void>;
  /** How many of these texts were begun by a run that did not end. */
  count: (pending: ReadonlySet<string>) => Promise<number>;
  clear: () => Promise<void>;
}

/**
 * A list on disk of the texts whose call on demand was begun: after a kill, those of them without a vector are the calls that may have
 * been paid for in vain.
 */
export function callsBegun(stateDirectory: string): CallsBegun {
  const path = join(stateDirectory, 'on-demand.begun');
  return {
    add: (hash: string): Promise<void> => appendFile(path, `${hash}\n`),
    count: async (pending: ReadonlySet<string>): Promise<number> => {
      await mkdir(stateDirectory, { recursive: true });
      const begun = await readFile(path, 'utf8').catch(() => '');
      return new Set(begun.split('\n').filter((hash) => pending.has(hash))).size;
    },
    clear: (): Promise<void> => rm(path, { force: true }),
  };
}
