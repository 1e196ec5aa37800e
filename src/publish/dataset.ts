import type { StageContext } from '../report/event.ts';
import { contentOf, localInventory, type FileEntry, type PublishedFile } from './inventory.ts';
import { liveSnapshots, snapshotsOf, writeInventory, writeLatest, type Latest, type Snapshot } from './latest.ts';
import { tableVersions } from './layout.ts';
import { takeLock, type ConditionalWrites, type PublisherLock } from './lock.ts';
import { planUpload, type Plan } from './plan.ts';
import {
  findDestination,
  knownAt,
  listRemote,
  lockKey,
  readPublished,
  type Destination,
  type Published,
  type Target,
} from './remote-state.ts';
import { sweep } from './sweep.ts';
import { checkSchema } from './sync-down.ts';
import { syncUp, type Traffic } from './sync-up.ts';
import { KnownError } from '../errors.ts';

/** What `latest.json` tells about a dataset beyond its files. */
export interface Description {
  schemaVersion: number;
  revision: string | null;
  counts: Record<string, number>;
  /** Why the guard was overruled. */
  forced?: string;
}

export interface PublishOptions {
  /** Snapshots that stay for a rollback, the current one included. */
  keep: number;
  /** Minutes that files stay when no snapshot that is kept names them any more. */
  graceMinutes: number;
  conditionalWrites: ConditionalWrites;
  /** Milliseconds after which a publisher without a sign of life counts as dead. */
  lockTtl?: number;
}

/** What came of publishing one dataset. */
export interface Publication extends Traffic {
  status: 'published' | 'unchanged';
  uri: string;
  latest: string;
  files: number;
  bytes: number;
  unchangedFiles: number;
  deletedFiles: number;
}

/** What publishing would do. */
export interface Preview {
  uri: string;
  latest: string;
  upload: FileEntry[];
  copy: FileEntry[];
  stay: FileEntry[];
  /** Paths below the bucket that no kept snapshot would name any more; they go when the grace has passed. */
  go: string[];
}

/**
 * Publishes a LanceDB directory below its prefix, then `latest.json`. Readers see the old whole or the new one. A run that was
 * killed is taken up: what arrived is not sent again. Throws a KnownError where the prefix holds another history, another
 * publisher is at work, or the store fails.
 */
export async function publishDataset(
  target: Target,
  directory: string,
  description: Description,
  options: PublishOptions,
  context: StageContext,
): Promise<Publication> {
  const local = await localInventory(directory, context.signal);
  const now = new Date();
  const values = { date: now.toISOString().slice(0, 10), revision: description.revision };
  await findDestination(
    target,
    values,
    { files: local, directory },
    await readPublished(target, context),
    context.signal,
  );
  const lock = await takeLock(target.bucket, lockKey(target), context, {
    mode: options.conditionalWrites,
    ...(options.lockTtl === undefined ? {} : { ttl: options.lockTtl }),
  });
  try {
    const inner = { ...context, signal: lock.signal };
    const published = await readPublished(target, inner);
    if (await isPublished(target, local, published, lock.signal)) {
      const deletedFiles = await sweep(target, published.latestKey, options, lock, inner);
      return summary(target, published, published.snapshots[0]?.snapshot.prefix ?? '', local, {
        stay: local.length,
        deletedFiles,
        status: 'unchanged',
      });
    }
    if (published.current) checkSchema(published.current.latest, `s3://${target.bucket.name}/${published.latestKey}`);
    const destination = await findDestination(target, values, { files: local, directory }, published, lock.signal);
    const plan = planUpload(local, destination.remote, destination.known);
    const { files, traffic } = await syncUp(target.bucket, directory, destination, plan, lock, context);
    await commit(target, published, destination, files, description, options, lock, now);
    const deletedFiles = await sweep(target, published.latestKey, options, lock, inner);
    const stay = files.length - traffic.uploadedFiles - traffic.copiedFiles;
    return {
      ...summary(target, published, destination.prefix, files, { stay, deletedFiles, status: 'published' }),
      ...traffic,
    };
  } finally {
    await lock.release();
  }
}

/** How a dataset stands to what is published: the very same, new, or one that was rolled back (and when). */
export type Standing = { status: 'current' | 'new' } | { status: 'withdrawn'; at: string };

/** Compares a dataset with what is published, down to its files. */
export async function standingOf(target: Target, directory: string, context: StageContext): Promise<Standing> {
  const published = await readPublished(target, context);
  if (published.current === null) return { status: 'new' };
  const local = await localInventory(directory, context.signal);
  if (await isPublished(target, local, published, context.signal)) return { status: 'current' };
  const content = contentOf(local);
  const withdrawn = published.current.latest.withdrawn?.find((entry) => entry.content === content);
  return withdrawn === undefined ? { status: 'new' } : { status: 'withdrawn', at: withdrawn.at };
}

/** Tells what `publishDataset` would do, without writing anything. */
export async function previewDataset(
  target: Target,
  directory: string,
  revision: string | null,
  keep: number,
  context: StageContext,
): Promise<Preview> {
  const files = await localInventory(directory, context.signal);
  const published = await readPublished(target, context);
  const values = { date: new Date().toISOString().slice(0, 10), revision };
  if (await isPublished(target, files, published, context.signal)) {
    return {
      ...names(target, published, published.snapshots[0]?.snapshot.prefix ?? ''),
      upload: [],
      copy: [],
      stay: files,
      go: [],
    };
  }
  const destination = await findDestination(target, values, { files, directory }, published, context.signal);
  const plan: Plan = planUpload(files, destination.remote, destination.known);
  const live = published.current ? liveSnapshots(published.current.latest).slice(0, keep - 1) : [];
  const stays = new Set(files.map(({ path }) => `${destination.prefix}/${path}`));
  for (const { snapshot, files: listed } of published.snapshots) {
    if (!live.includes(snapshot) && !live.some(({ inventory }) => inventory.key === snapshot.inventory.key)) continue;
    for (const { path } of listed ?? []) stays.add(`${snapshot.prefix}/${path}`);
  }
  const there = [
    ...published.snapshots.flatMap(({ snapshot, files: listed }) =>
      (listed ?? []).map(({ path }) => `${snapshot.prefix}/${path}`),
    ),
    ...[...destination.remote.values()].map(({ key }) => key),
  ];
  return {
    ...names(target, published, destination.prefix),
    upload: plan.upload,
    copy: plan.copy.map(({ file }) => file),
    stay: [...plan.stay, ...plan.doubtful.map(({ file }) => file)],
    go: [...new Set(there)].filter((key) => !stays.has(key)).toSorted(),
  };
}

async function isPublished(
  target: Target,
  local: FileEntry[],
  published: Published,
  signal: AbortSignal,
): Promise<boolean> {
  const [first] = published.snapshots;
  if (!first?.files || first.files.length !== local.length) return false;
  const known = new Map(first.files.map((file) => [file.path, file]));
  if (!local.every(({ path, sha256 }) => known.get(path)?.sha256 === sha256)) return false;
  const remote = await listRemote(target.bucket, first.snapshot.prefix, signal);
  return planUpload(local, remote, knownAt(first.snapshot.prefix, published)).stay.length === local.length;
}

async function commit(
  { bucket }: Target,
  { current, latestKey }: Published,
  { prefix }: Destination,
  files: PublishedFile[],
  description: Description,
  { keep }: PublishOptions,
  lock: PublisherLock,
  now: Date,
): Promise<void> {
  const { signal } = lock;
  const snapshot: Snapshot = {
    prefix,
    publishedAt: now.toISOString(),
    ...description,
    tables: readableTables(files),
    content: contentOf(files),
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    inventory: await writeInventory(bucket, latestKey, prefix, files, signal),
  };
  const latest = succeed(current?.latest ?? null, snapshot, keep);
  await lock.check();
  const condition = current === null ? { absent: true as const } : { etag: current.etag };
  if (await writeLatest(bucket, latestKey, latest, lock.conditional ? condition : null, signal)) return;
  throw new KnownError(
    `s3://${bucket.name}/${latestKey}: another publisher was faster; readers see theirs, this one's files are cleared away later. Run again`,
  );
}

/** LanceDB keeps a catalogue of its own in `__manifest`, which is no table of the dataset. */
function readableTables(files: PublishedFile[]): Record<string, number> {
  return Object.fromEntries(Object.entries(tableVersions(files)).filter(([name]) => !name.startsWith('__')));
}

/** The next `latest.json`: the new snapshot in front, those beyond `keep` retired from now on. Pure. */
export function succeed(previous: Latest | null, snapshot: Snapshot, keep: number): Latest {
  const same = (other: Snapshot): boolean => other.inventory.key === snapshot.inventory.key;
  const kept = new Set(
    previous
      ? liveSnapshots(previous)
          .filter((other) => !same(other))
          .slice(0, keep - 1)
      : [],
  );
  const keys = new Set([...kept].map(({ inventory }) => inventory.key));
  const retire = (other: Snapshot): Snapshot =>
    keys.has(other.inventory.key) ? other : { retiredAt: snapshot.publishedAt, ...other };
  const others = (previous ? snapshotsOf(previous) : [])
    .filter((other) => !same(other))
    .map((other) => retire(other))
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
  // Whoever publishes a withdrawn dataset again meant to.
  const withdrawn = previous?.withdrawn?.filter(({ content }) => content !== snapshot.content);
  return { format: 1, ...snapshot, others, ...(withdrawn === undefined ? {} : { withdrawn }) };
}

function names({ bucket }: Target, { latestKey }: Published, prefix: string): { uri: string; latest: string } {
  return { uri: `s3://${bucket.name}/${prefix}`, latest: `s3://${bucket.name}/${latestKey}` };
}

function summary(
  target: Target,
  published: Published,
  prefix: string,
  files: FileEntry[],
  { stay, deletedFiles, status }: { stay: number; deletedFiles: number; status: Publication['status'] },
): Publication {
  return {
    ...names(target, published, prefix),
    status,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    unchangedFiles: stay,
    deletedFiles,
    uploadedFiles: 0,
    uploadedBytes: 0,
    copiedFiles: 0,
    copiedBytes: 0,
  };
}
