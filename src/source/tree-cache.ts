import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError } from '../errors.ts';
import { isAlive } from '../process/alive.ts';
import { cacheError } from '../process/cache-error.ts';
import { takeLock, type Lock } from '../process/lock.ts';
import type { StageContext } from '../report/event.ts';
import { textOf } from './tree.ts';

/** Trees that stay: the current one and the one before, which a run that was killed may come back to. */
const keptTrees = 2;

/** Has one process at a time fetch and remove trees: the others wait, and then find what they wanted. */
export async function withTrees(directory: string, ctx: StageContext, work: () => Promise<void>): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    const lock = await lockWhenFree(join(directory, 'lock'), ctx);
    try {
      await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw cacheError(directory, error);
  }
}

async function lockWhenFree(file: string, ctx: StageContext): Promise<Lock> {
  for (let told = false; ; told = true) {
    try {
      return await takeLock(file);
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      if (!told) ctx.report({ type: 'info', message: `Waiting: ${error.message}` });
      await sleep(500, undefined, { signal: ctx.signal });
    }
  }
}

/** Says that this process now reads the tree of a revision, be it there already or not: no other removes it. */
export async function useTree(directory: string, revision: string): Promise<void> {
  await writeFile(join(directory, `used-${process.pid}`), revision);
  await utimes(join(directory, revision), new Date(), new Date()).catch(() => {});
}

/**
 * Removes what nobody needs any more: trees of older revisions that no process reads, and what processes that are gone left
 * half-written. Returns the revisions whose trees went.
 */
export async function removeOldTrees(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  const used = new Set<string | null>();
  const leftovers: string[] = [];
  for (const name of names) {
    const [, kind, owner] = /\b(used|new)-(\d+)(?:\.index(?:\.lock)?)?$/.exec(name) ?? [];
    if (kind === undefined) continue;
    // This process itself is writing nothing now: it only has the id of one that was.
    const own = kind === 'new' && Number(owner) === process.pid;
    if (own || !isAlive(Number(owner))) leftovers.push(name);
    else if (kind === 'used') used.add(await textOf(join(directory, name)));
  }
  const trees = await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{40}$/.test(name))
      .map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const older = trees.toSorted((a, b) => b.at - a.at).slice(keptTrees);
  const old = older.map(({ name }) => name).filter((name) => !used.has(name));
  const remove = (some: string[]): Promise<unknown> =>
    Promise.all(some.map((name) => rm(join(directory, name), { recursive: true, force: true })));
  await remove(leftovers);
  // Under another name first: should this process be killed, nobody takes half a tree for a whole one.
  const gone = old.map((name) => `${name}.new-${process.pid}`);
  await Promise.all(old.map((name, at) => rename(join(directory, name), join(directory, gone[at] ?? ''))));
  await remove(gone);
  return old;
}
