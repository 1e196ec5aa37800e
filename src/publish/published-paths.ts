import { basename, dirname, join } from 'node:path';
import { KnownError, messageOf } from '../errors.ts';
import { filesOfNewestVersion } from '../store/manifest.ts';
import { classify, tableVersions } from './layout.ts';

/**
 * The files that readers of a dataset need: of each table the newest manifest, what it names, and the transaction that made it.
 * What a writer committed on its way there is no whole, and readers of the prefix would see it for a moment. A table with tags or
 * branches keeps all of its files. Throws a KnownError where a manifest cannot be read.
 */
export async function publishedPaths(directory: string, paths: string[]): Promise<string[]> {
  const tables = Map.groupBy(paths, (path) => path.split('/', 1)[0] ?? '');
  const needed: string[] = [];
  for (const [folder, files] of tables) needed.push(...(await neededOf(directory, folder, files)));
  return needed;
}

async function neededOf(directory: string, folder: string, files: string[]): Promise<string[]> {
  const kinds = new Set(files.map((path) => classify(path).kind));
  if (!folder.endsWith('.lance') || kinds.has('ref') || !kinds.has('manifest')) return files;
  const named = new Set<string>();
  try {
    for (const { path } of await filesOfNewestVersion(join(directory, folder))) named.add(path);
  } catch (error) {
    throw new KnownError(`${join(directory, folder)}: ${messageOf(error)}; nothing was published`, { cause: error });
  }
  // An index is a folder; all of it goes along, whether the manifest lists its files or not.
  const indexes = new Set([...named].filter((path) => path.startsWith('_indices/')).map((path) => path.split('/')[1]));
  const newest = Object.values(tableVersions(files.map((path) => ({ path }))))[0];
  return files.filter((path) => {
    const rest = path.slice(folder.length + 1);
    const { kind, version } = classify(path);
    if (kind === 'manifest') return version === newest;
    if (rest.startsWith('_transactions/')) return madeVersion(rest) === newest;
    return named.has(rest) || (dirname(dirname(rest)) === '_indices' && indexes.has(basename(dirname(rest))));
  });
}

/** A transaction's name begins with the version that it was made from. */
function madeVersion(path: string): number {
  return Number.parseInt(basename(path), 10) + 1;
}
