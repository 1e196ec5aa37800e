import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { liveSnapshots, snapshotsOf, writeLatest, type Latest, type Snapshot } from './latest.ts';
import { takeLock } from './lock.ts';
import type { PublishOptions } from './dataset.ts';
import { lockKey, readPublished, type Target } from './remote-state.ts';
import { verifyRemote } from './sync-up.ts';

/**
 * Points `latest.json` at the snapshot before the current one, when a listing shows that all of its files are there. The snapshot
 * that was current is retired. Readers of a fixed prefix go on reading the newest version until its grace has passed.
 */
export async function rollback(
  target: Target,
  options: PublishOptions,
  context: StageContext,
): Promise<{ from: Snapshot; to: Snapshot }> {
  const { bucket } = target;
  const lock = await takeLock(bucket, lockKey(target), context, {
    mode: options.conditionalWrites,
    ...(options.lockTtl === undefined ? {} : { ttl: options.lockTtl }),
  });
  try {
    const published = await readPublished(target, { ...context, signal: lock.signal });
    const uri = `s3://${bucket.name}/${published.latestKey}`;
    if (published.current === null)
      throw new KnownError(`${uri}: nothing is published, there is nothing to go back to`);
    const moved = rolledBack(published.current.latest, new Date().toISOString());
    if (moved === null)
      throw new KnownError(
        `${uri}: no earlier snapshot is kept (s3.keep); the current one is of ${published.current.latest.publishedAt}`,
      );
    const { latest, from, to } = moved;
    const files = published.snapshots.find(
      ({ snapshot }) => snapshot.inventory.key === to.inventory.key && snapshot.publishedAt === to.publishedAt,
    )?.files;
    if (!files)
      throw new KnownError(`${uri}: the inventory of the snapshot of ${to.publishedAt} is gone; nothing was changed`);
    await verifyRemote(bucket, to.prefix, files, lock.signal);
    await lock.check();
    if (
      !(await writeLatest(
        bucket,
        published.latestKey,
        latest,
        lock.conditional ? { etag: published.current.etag } : null,
        lock.signal,
      ))
    ) {
      throw new KnownError(`${uri}: another publisher was faster; run again`);
    }
    return { from, to };
  } finally {
    await lock.release();
  }
}

/** The `latest.json` after a rollback, or null where no earlier snapshot is kept. Pure. */
export function rolledBack(latest: Latest, at: string): { latest: Latest; from: Snapshot; to: Snapshot } | null {
  const [from] = snapshotsOf(latest);
  const to = from && liveSnapshots(latest).find((snapshot) => snapshot.publishedAt < from.publishedAt);
  if (!from || !to) return null;
  const others = [{ ...from, retiredAt: at }, ...latest.others.filter((snapshot) => snapshot !== to)].toSorted((a, b) =>
    a.publishedAt < b.publishedAt ? 1 : -1,
  );
  const withdrawn = [{ content: from.content, at }, ...(latest.withdrawn ?? [])].slice(0, 20);
  return { latest: { format: 1, ...to, others, withdrawn }, from, to };
}
