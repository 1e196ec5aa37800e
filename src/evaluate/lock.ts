import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, KnownError } from '../errors.ts';

/** Holds a spool for this process; disposing of it lets go. */
export interface SpoolLock extends AsyncDisposable {
  directory: string;
}

/** Takes the lock of a spool; one whose process is gone is taken over. */
export async function lockSpool(directory: string): Promise<SpoolLock> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'lock');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { directory, [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const owner = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
      if (owner !== process.pid && isAlive(owner)) throw inUse(directory, owner);
      if (owner === process.pid) throw inUse(directory, owner);
      await rm(file, { force: true });
    }
  }
  throw new KnownError(`${file} appears again and again: is another fdnix-indexer running with the same cache.path?`);
}

function isAlive(id: number): boolean {
  if (!Number.isInteger(id)) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function inUse(directory: string, owner: number): KnownError {
  return new KnownError(
    `The same package set is being evaluated by process ${owner} already (${directory}). Wait for it, or give this run a cache.path of its own.`,
  );
}
