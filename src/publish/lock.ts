import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { rootCause } from './retry.ts';
import type { Bucket } from './s3-client.ts';
import { isUnsupported } from './service-errors.ts';
import { readClaim, writeClaim, type Claim, type Held } from './lock-claim.ts';
import { putObject, type Condition } from './s3-objects.ts';

/** `auto`: as far as the store can; `require`: or nothing is published; `off`: never. */
export type ConditionalWrites = 'auto' | 'require' | 'off';

/** The one publisher of a dataset. */
export interface PublisherLock {
  /** Whether the store refuses to write over an object where it was told to write a new one only. */
  conditional: boolean;
  /** Aborted when the run is, or when another publisher took over. */
  signal: AbortSignal;
  /** Throws a KnownError where this publisher is the one no longer. */
  check: () => Promise<void>;
  release: () => Promise<void>;
}

export interface LockOptions {
  mode: ConditionalWrites;
  /** Milliseconds without a sign of life after which a publisher counts as dead. */
  ttl?: number;
}

/**
 * Takes the lock of a dataset: an object that says who publishes, renewed while that goes on. A publisher that shows no sign of
 * life is succeeded; one that does is a KnownError. Needs no permission to delete.
 */
export async function takeLock(
  bucket: Bucket,
  key: string,
  context: StageContext,
  { mode, ttl = 60_000 }: LockOptions,
): Promise<PublisherLock> {
  const { signal } = context;
  const claim: Claim = {
    token: randomUUID(),
    host: hostname(),
    pid: process.pid,
    since: new Date().toISOString(),
    beat: 0,
    released: false,
  };
  const etag = await claimFree(bucket, key, claim, context, { mode, ttl });
  const conditional = mode !== 'off' && (await honoursConditions(bucket, key, claim, signal));
  if (!conditional) {
    try {
      await settle(bucket, key, claim, mode, context);
    } catch (error) {
      if (mode === 'require') await writeClaim(bucket, key, { ...claim, released: true }, null, signal);
      throw error;
    }
  }
  const lock = hold(bucket, key, claim, etag, conditional, { ttl, signal });
  // A store that looks before it writes, but not in one step, may have let two in: only one of them can write over its own.
  try {
    if (conditional) await lock.check();
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Keeps a lock that was taken: gives signs of life until it is released. */
function hold(
  bucket: Bucket,
  key: string,
  claim: Claim,
  taken: string,
  conditional: boolean,
  { ttl, signal }: { ttl: number; signal: AbortSignal },
): PublisherLock {
  let etag = taken;
  const lost = new AbortController();
  let queue: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    if (lost.signal.aborted) return;
    claim.beat += 1;
    const ours = conditional || (await readClaim(bucket, key, signal))?.claim.token === claim.token;
    const next = ours ? await writeClaim(bucket, key, claim, conditional ? { etag } : null, signal) : null;
    if (next !== null) etag = next;
    else
      lost.abort(
        new KnownError(
          `s3://${bucket.name}/${key}: another publisher took over; nothing was mixed, run again when it is done`,
        ),
      );
  };
  const serial = (work: () => Promise<void>): Promise<void> => (queue = queue.catch(() => undefined).then(work));
  const timer = setInterval(() => void serial(renew).catch(() => undefined), ttl / 3);
  timer.unref();
  return {
    conditional,
    signal: AbortSignal.any([signal, lost.signal]),
    check: async () => {
      await serial(renew);
      lost.signal.throwIfAborted();
    },
    release: async () => {
      clearInterval(timer);
      await serial(async () => {
        if (lost.signal.aborted) return;
        await writeClaim(
          bucket,
          key,
          { ...claim, released: true },
          conditional ? { etag } : null,
          AbortSignal.timeout(30_000),
        );
      });
    },
  };
}

async function claimFree(
  bucket: Bucket,
  key: string,
  claim: Claim,
  { signal, report }: StageContext,
  options: Required<LockOptions>,
): Promise<string> {
  const when = (condition: Condition): Condition => (options.mode === 'off' ? null : condition);
  for (;;) {
    let held = await readClaim(bucket, key, signal);
    if (held && !held.claim.released && !isDead(held.claim)) {
      report({
        type: 'info',
        message: `waiting for a sign of life of the publisher on ${held.claim.host} (process ${held.claim.pid}) that began at ${held.claim.since}`,
      });
      held = await waitForEnd(bucket, key, held, options.ttl, signal);
    }
    const etag = await writeClaim(bucket, key, claim, when(held ? { etag: held.etag } : { absent: true }), signal);
    if (etag !== null) return etag;
  }
}

function isDead({ host, pid }: Claim): boolean {
  if (host !== hostname() || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Answers what is there when the holder let go or showed no sign of life for the whole time; throws where it did. */
async function waitForEnd(
  bucket: Bucket,
  key: string,
  held: Held,
  ttl: number,
  signal: AbortSignal,
): Promise<Held | null> {
  const deadline = Date.now() + ttl;
  while (Date.now() < deadline) {
    await sleep(Math.min(2_000, ttl / 10), undefined, { signal });
    const now = await readClaim(bucket, key, signal);
    if (now === null || now.claim.released) return now;
    if (now.etag !== held.etag || now.claim.token !== held.claim.token) {
      const { host, pid, since } = now.claim;
      throw new KnownError(
        `another publisher is at work (${host}, process ${pid}, since ${since}); this one published nothing. Run again when it is done`,
      );
    }
  }
  return held;
}

/** Tries what a store does with conditions that do not hold: one that answers 412 to both honours them. */
async function honoursConditions(bucket: Bucket, key: string, claim: Claim, signal: AbortSignal): Promise<boolean> {
  const body = Buffer.from(`${JSON.stringify(claim)}\n`);
  const conditions: Condition[] = [{ absent: true }, { etag: '"00000000000000000000000000000000"' }];
  for (const condition of conditions) {
    try {
      if ((await putObject(bucket, key, body, { contentType: 'application/json', condition }, signal)) !== null)
        return false;
    } catch (error) {
      if (isUnsupported(rootCause(error))) return false;
      throw error;
    }
  }
  return true;
}

/** Without conditional writes: waits a moment and looks whether the lock is still ours, so that of two one gives way. */
async function settle(
  bucket: Bucket,
  key: string,
  claim: Claim,
  mode: ConditionalWrites,
  { signal, report }: StageContext,
): Promise<void> {
  if (mode === 'require') {
    throw new KnownError(
      `s3://${bucket.name}: the store ignores conditional writes, which s3.conditionalWrites 'require' demands; nothing was published. docs/publishing.md says what 'auto' and 'off' still guarantee`,
    );
  }
  if (mode === 'auto')
    report({
      type: 'info',
      message: `the store behind ${bucket.name} has no conditional writes: two publishers at once are told apart by their lock alone`,
    });
  await sleep(1_000, undefined, { signal });
  if ((await readClaim(bucket, key, signal))?.claim.token === claim.token) return;
  throw new KnownError(
    'another publisher began at the same moment; this one published nothing. Run again when it is done',
  );
}
