import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readState, removeSpool } from './spool.ts';

const unfinishedDays = 14;

/**
 * How many attributes to expect: as many as the latest complete evaluation of this system had, whatever it was of, else that of
 * another system; null where there is none.
 */
export async function expectedAttributes(directory: string, system: string): Promise<number | null> {
  let best: { attributes: number; same: boolean; modified: number } | null = null;
  for (const other of await others(directory)) {
    const state = await readState(other.directory);
    if (state === null || state.bytes === null) continue;
    const found = { attributes: state.attributes, same: state.system === system, modified: other.modified };
    if (best === null || (found.same === best.same ? found.modified > best.modified : found.same)) best = found;
  }
  return best?.attributes ?? null;
}

/** Removes what a complete evaluation replaces: other complete ones of its system, and unfinished ones that nobody came back to. */
export async function removeOthers(directory: string, system: string): Promise<void> {
  for (const other of await others(directory)) {
    const state = await readState(other.directory);
    const old = Date.now() - other.modified > unfinishedDays * 24 * 3_600_000;
    if (state === null ? old : state.system === system && (state.bytes !== null || old))
      await removeSpool(other.directory);
  }
}

async function others(directory: string): Promise<{ directory: string; modified: number }[]> {
  const parent = dirname(directory);
  const names = (await readdir(parent)).filter((name) => name !== basename(directory));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(parent, name);
      // Another process may be removing it.
      const info = await stat(path).catch(() => null);
      return info?.isDirectory() === true ? [{ directory: path, modified: info.mtimeMs }] : [];
    }),
  );
  return found.flat();
}
