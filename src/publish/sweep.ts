import type { StageContext } from '../report/event.ts';
import { classify } from './layout.ts';
import { writeLatest, type Latest, type Snapshot } from './latest.ts';
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
    const count = victims.flat().length;
    if (count > 0 || due.length > 0) await lock.check();
    // A call deletes in no order: what is deleted first needs a call of its own.
    for (const keys of victims) await deleteObjects(target.bucket, keys, signal);
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
    return count;
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

/** Keys to delete: the manifests, then the others. A prefix of which a staying snapshot's files are not known is left alone. */
async function findVictims(
  { bucket }: Target,
  { snapshots }: Published,
  staying: Snapshot[],
  due: Snapshot[],
  before: number,
  signal: AbortSignal,
): Promise<string[][]> {
  const victims: { path: string; object: ObjectInfo }[] = [];
  for (const prefix of new Set([...due, ...staying].map((snapshot) => snapshot.prefix))) {
    const here = snapshots.filter(({ snapshot }) => snapshot.prefix === prefix && staying.includes(snapshot));
    if (here.some(({ files }) => files === null)) continue;
    const named = new Set(here.flatMap(({ files }) => (files ?? []).map(({ path }) => path)));
    for (const [path, object] of await listRemote(bucket, prefix, signal)) {
      if (!named.has(path) && object.modified <= before) victims.push({ path, object });
    }
  }
  const [manifests, others] = [victims.filter(isManifest), victims.filter((victim) => !isManifest(victim))];
  return [manifests, others].map((list) => list.map(({ object }) => object.key));
}

function isManifest({ path }: { path: string }): boolean {
  return classify(path).kind === 'manifest';
}

function without(latest: Latest, due: Snapshot[]): Latest {
  const gone = new Set(due.map(({ inventory, publishedAt }) => `${inventory.key} ${publishedAt}`));
  const others = latest.others.filter(({ inventory, publishedAt }) => !gone.has(`${inventory.key} ${publishedAt}`));
  return { ...latest, others };
}

async function clearUploads(
  { bucket }: Target,
  { snapshots }: Published,
  before: number,
  { signal, report }: StageContext,
): Promise<void> {
  const prefix = snapshots[0]?.snapshot.prefix;
  if (prefix === undefined) return;
  try {
    await abandonUploads(bucket, `${prefix}/`, before, signal);
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    report({ type: 'info', message: `parts of uploads that were killed are not looked for: ${error.message}` });
  }
}
