import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { codeOf, KnownError, messageOf } from '../errors.ts';

/** How many directories are read before a signal or a timer has its turn. */
const atOnce = 64;

/** A hash over names, sizes and times of all files below a path: it changes when a file does, without reading any. */
export async function fingerprint(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await hashOf(path, signal);
  } catch (error) {
    if (codeOf(error) === undefined || signal.aborted) throw error;
    throw new KnownError(`${path} cannot be read, or changes while it is: ${messageOf(error)}`, { cause: error });
  }
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const found: string[] = [];
  const pending: string[] = [];
  visit(path, found, pending);
  for (let count = 1; pending.length > 0; count += 1) {
    signal.throwIfAborted();
    list(pending.pop() as string, found, pending);
    if (count % atOnce === 0) await othersTurn();
  }
  return createHash('sha256').update(found.toSorted().join('\n')).digest('hex').slice(0, 32);
}

// Tens of thousands of promises would take three times as long as the calls themselves.
function list(directory: string, found: string[], pending: string[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === '.git') continue;
    const child = join(directory, entry.name);
    if (entry.isDirectory()) pending.push(child);
    else visit(child, found, pending);
  }
}

function visit(path: string, found: string[], pending: string[]): void {
  const info = lstatSync(path);
  if (info.isDirectory()) pending.push(path);
  else found.push(`${path} ${info.size} ${info.mtimeMs}`);
}
