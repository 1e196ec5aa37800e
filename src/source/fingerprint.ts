import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How many directories are read at once. */
const width = 32;

/** A hash over names, sizes and times of all files below a path: it changes when a file does, without reading any. */
export async function fingerprint(path: string, signal: AbortSignal): Promise<string> {
  const found: string[] = [];
  const pending = [path];
  while (pending.length > 0) {
    signal.throwIfAborted();
    await Promise.all(pending.splice(0, width).map((next) => visit(next, found, pending)));
  }
  return createHash('sha256').update(found.toSorted().join('\n')).digest('hex').slice(0, 32);
}

async function visit(path: string, found: string[], pending: string[]): Promise<void> {
  const info = await lstat(path);
  if (!info.isDirectory()) {
    found.push(`${path} ${info.size} ${info.mtimeMs}`);
    return;
  }
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name === '.git') continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) pending.push(child);
    else await visit(child, found, pending);
  }
}
