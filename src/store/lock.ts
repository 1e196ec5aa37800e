import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf, KnownError } from '../errors.ts';

const heartbeatMs = 5_000;
const staleMs = 60_000;

/** Who holds a lock. */
interface Holder {
  pid: number;
  host: string;
  /** When the process started, in clock ticks since boot; tells a reused process id apart. */
  started: string | null;
  since: string;
  id: string;
}

/**
 * Takes the single-writer lock `file` and returns how to give it back. A lock whose process is gone, or which was not
 * refreshed for a minute where its process cannot be seen from here (another host or container), is taken over.
 * Throws a KnownError that names the holder where somebody holds it.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await processStart(process.pid),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (await tryLink(file, own)) return holdOn(file, own);
    await takeOverIfStale(file);
  }
  throw new KnownError(`${file}: the lock changes hands again and again; other runs are writing here`);
}

async function tryLink(file: string, own: Holder): Promise<boolean> {
  const mine = `${file}.${own.id}`;
  await writeFile(mine, JSON.stringify(own));
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

function holdOn(file: string, own: Holder): () => Promise<void> {
  const timer = setInterval(() => {
    utimes(file, new Date(), new Date()).catch(() => {});
  }, heartbeatMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    const holder = await readHolder(file);
    if (holder?.id === own.id) await rm(file, { force: true });
  };
}

async function takeOverIfStale(file: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder === null) return;
  if (!(await isStale(file, holder))) {
    throw new KnownError(
      `${file}: another run (process ${holder.pid} on ${holder.host}, since ${holder.since}) is writing there; ` +
        'wait for it, or stop it',
    );
  }
  const aside = `${file}.stale-${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  // Between the look and the rename somebody else may have taken over: their lock goes back.
  const moved = await readHolder(aside);
  if (moved !== null && moved.id !== holder.id) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function isStale(file: string, holder: Holder): Promise<boolean> {
  if (holder.host === hostname() && holder.started !== null) {
    return (await processStart(holder.pid)) !== holder.started;
  }
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs > staleMs;
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) return { pid: 0, host: '?', started: null, since: 'unknown', id: 'unreadable' };
    throw error;
  }
}

/** Field 22 of /proc/PID/stat; elsewhere than on Linux only whether the process is there. */
async function processStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text !== null) return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  if (process.platform === 'linux') return null;
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'running' : null;
  }
}
