import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** See `callsBegun`. */
export interface CallsBegun {
  /** Notes that a call for this text begins. */
  add: (hash: string) => Promise<void>;
  /** How many calls of runs that did not end may have been paid for in vain; `pending` are the texts that have no vector. */
  inVain: (pending: ReadonlySet<string>) => Promise<number>;
  clear: () => Promise<void>;
}

/**
 * A list on disk of the calls on demand that were begun, each by the hash of its text, until a run ends: of those of a killed run all
 * may have been paid for in vain but one for each text that has its vector.
 */
export function callsBegun(stateDirectory: string): CallsBegun {
  const path = join(stateDirectory, 'on-demand.begun');
  return {
    add: (hash: string): Promise<void> => appendFile(path, `${hash}\n`),
    inVain: async (pending: ReadonlySet<string>): Promise<number> => {
      await mkdir(stateDirectory, { recursive: true });
      const begun = (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((hash) => hash !== '');
      return begun.length - new Set(begun.filter((hash) => !pending.has(hash))).size;
    },
    clear: (): Promise<void> => rm(path, { force: true }),
  };
}
