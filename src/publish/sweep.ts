import type { StageContext } from '../report/event.ts';
import { classify } from './layout.ts';
import { snapshotsOf, writeLatest, type Latest, type Snapshot } from './latest.ts';
import type { PublisherLock } from './lock.ts';
import { listRemote, readPublished, type Published, type Target } from './remote-state.ts';
import { PermissionError } from './service-errors.ts';
import { deleteObjects, type ObjectInfo } from './s3-objects.ts';
import { abandonUploads } from './s3-transfer.ts';

/**
 * Deletes what no snapshot that is kept names any more and whose grace has passed: manifests before the files that they name,
 * then the inventories, then the entries of `latest.json`. Without permission to delete it warns and leaves everything. Answers
 * how many files went.
 */
export async function sweep(
  target: Target,
  latestKey: string,
  { graceMinutes }: { graceMinutes: number },
  lock: PublisherLock,
  context: StageContext,
): Promise<number> {
  const { report } = context;
  const { signal } = lock;
  const before = Date.now() - graceMinutes * 60_000;
  const published = await readPublished(target, context);
  if (published.current === null) return 0;
  const { due, staying } = splitDue(published, before);
  try {
    const victims = await findVictims(target, published, staying, due, before, signal);
    if (victims.length > 0 || due.length > 0) await lock.check();
    await deleteObjects(target.bucket, victims, signal);
    if (due.length > 0) {
      const left = new Set(staying.map(({ inventory }) => inventory.key));
      const inventories = due.map(({ inventory }) => inventory.key).filter((key) => !left.has(key));
      await writeLatest(
        target.bucket,
        latestKey,
        without(published.current.latest, due),
        lock.conditional ? { etag: published.current.etag } : null,
        signal,
      );
      await deleteObjects(target.bucket, inventories, signal);
    }
    await clearUploads(target, published, before, context);
    return victims.length;
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    report({ type: 'warning', message: `files of earlier snapshots stay: ${error.message}` });
    return 0;
  }
}

/** The retired snapshots whose grace has passed, and all others. */
function splitDue({ snapshots }: Published, before: number): { due: Snapshot[]; staying: Snapshot[] } {
  const all = snapshots.map(({ snapshot }) => snapshot);
  const isDue = ({ retiredAt }: Snapshot): boolean => retiredAt !== undefined && Date.parse(retiredAt) <= before;
  return { due: all.filter(isDue), staying: all.filter((snapshot) => !isDue(snapshot)) };
}

/** Keys to delete, manifests first. A prefix of which a staying snapshot's files are not known is left alone. */
async function findVictims(
  { bucket }: Target,
  { snapshots }: Published,
  staying: Snapshot[],
  due: Snapshot[],
  before: number,
  signal: AbortSignal,
): Promise<string[]> {
  const victims: { path: string; object: ObjectInfo }[] = [];
  for (const prefix of new Set([...due, ...staying].map((snapshot) => snapshot.prefix))) {
    const here = snapshots.filter(({ snapshot }) => snapshot.prefix === prefix && staying.includes(snapshot));
    if (here.some(({ files }) => files === null)) continue;
    const named = new Set(here.flatMap(({ files }) => (files ?? []).map(({ path }) => path)));
    for (const [path, object] of await listRemote(bucket, prefix, signal)) {
      if (!named.has(path) && object.modified <= before) victims.push({ path, object });
    }
  }
  return victims.toSorted((a, b) => rank(a) - rank(b)).map(({ object }) => object.key);
}

function rank({ path }: { path: string }): number {
  return classify(path).kind === 'manifest' ? 0 : 1;
}

function without(latest: Latest, due: Snapshot[]): Latest {
  const [current = latest, ...others] = snapshotsOf(latest);
  const gone = new Set(due.map(({ inventory, publishedAt }) => `${inventory.key} ${publishedAt}`));
  return {
    format: 1,
    ...current,
    others: others.filter(({ inventory, publishedAt }) => !gone.has(`${inventory.key} ${publishedAt}`)),
  };
}

async function clearUploads(
  { bucket }: Target,
  { snapshots }: Published,
  before: number,
  { signal }: StageContext,
): Promise<void> {
  const prefix = snapshots[0]?.snapshot.prefix;
  if (prefix === undefined) return;
  try {
    await abandonUploads(bucket, `${prefix}/`, before, signal);
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
  }
}
