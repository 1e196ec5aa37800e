import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, KnownError } from '../errors.ts';

const heartbeatMs = 5_000;
const staleMs = 60_000;

/** Who holds a lock. */
interface Holder {
  pid: number;
  /** The host, and where there are containers the namespace of process ids: equal ones see each other's processes. */
  host: string;
  /** When the process started, in clock ticks since boot; tells a reused process id apart. */
  started: string | null;
  since: string;
  id: string;
}

/** A lock that is held. */
export interface Lock {
  /** Throws a KnownError where somebody else took it over, which takes a minute without a sign of life. */
  check: () => Promise<void>;
  release: () => Promise<void>;
}

/**
 * Takes the single-writer lock `file`. A lock whose process is gone, or which was not refreshed for a minute where its
 * process cannot be seen from here (another host or container), is taken over.
 * Throws a KnownError that names the holder, and the remedy, where somebody holds it.
 */
export async function takeLock(file: string, remedy = 'wait for it, or stop it'): Promise<Lock> {
  const own: Holder = {
    pid: process.pid,
    host: await hostOf(),
    started: await processStart(process.pid),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  await take(file, own, remedy);
  await clearLeftovers(file, own);
  return holdOn(file, own, remedy);
}

/**
 * Links a file that says who we are to `file`, for only one can. A stale one is removed first, by whoever holds a lock that
 * is named after it: nobody else can remove it, so what is removed is what was looked at.
 */
async function take(file: string, own: Holder, remedy: string, depth = 0): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await tryLink(file, own)) return;
    const holder = await readHolder(file);
    if (holder === null) continue;
    if (!(await isStale(file, holder, own))) {
      if (depth === 0) throw heldBy(file, holder, remedy);
      await sleep(20);
      continue;
    }
    const claim = `${file}.over-${holder.id}`;
    await take(claim, own, remedy, depth + 1);
    if ((await readHolder(file))?.id === holder.id) await rm(file, { force: true });
    await rm(claim, { force: true });
  }
  throw new KnownError(`${file}: the lock changes hands again and again; other runs are writing here`);
}

async function tryLink(file: string, own: Holder): Promise<boolean> {
  const mine = `${file}.${randomUUID()}`;
  try {
    await writeFile(mine, JSON.stringify(own));
    await link(mine, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** What runs that were killed while they took the lock left beside it. */
async function clearLeftovers(file: string, own: Holder): Promise<void> {
  const names = await readdir(dirname(file));
  for (const name of names.filter((entry) => entry.startsWith(`${basename(file)}.`))) {
    const path = join(dirname(file), name);
    const holder = await readHolder(path);
    if (holder !== null && (await isStale(path, holder, own))) await rm(path, { force: true });
  }
}

function holdOn(file: string, own: Holder, remedy: string): Lock {
  const timer = setInterval(() => {
    utimes(file, new Date(), new Date()).catch(() => {});
  }, heartbeatMs);
  timer.unref();
  return {
    async check() {
      const holder = await readHolder(file);
      if (holder?.id !== own.id) throw holder === null ? lost(file) : heldBy(file, holder, remedy);
    },
    async release() {
      clearInterval(timer);
      const holder = await readHolder(file);
      if (holder?.id === own.id) await rm(file, { force: true });
    },
  };
}

function heldBy(file: string, { pid, host, since }: Holder, remedy: string): KnownError {
  return new KnownError(
    `${file}: another run (process ${pid} on ${host.split(' ')[0]}, since ${since}) is writing there; ${remedy}`,
  );
}

function lost(file: string): KnownError {
  return new KnownError(`${file}: the lock is gone, so that another run may have written there; run again`);
}

async function isStale(file: string, holder: Holder, own: Holder): Promise<boolean> {
  if (holder.host === own.host && holder.started !== null) {
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

async function hostOf(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => null);
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  return [hostname(), namespace, boot?.trim()].filter(Boolean).join(' ');
}

/** Field 22 of /proc/PID/stat; elsewhere than on Linux only whether the process is there. */
async function processStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text !== null) {
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, though nobody has asked for its exit code yet.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  }
  if (process.platform === 'linux') return null;
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'running' : null;
  }
}
