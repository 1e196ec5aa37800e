import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import type { FileEntry, PublishedFile } from './inventory.ts';
import { besideLatest, fillKey, isTemplated, latestKey, type KeyValues } from './keys.ts';
import { readInventory, readLatest, snapshotsOf, type LatestObject, type Snapshot } from './latest.ts';
import { divergenceError, divergences, type Known, type Remote } from './plan.ts';
import type { Bucket } from './s3-client.ts';
import { getText, listObjects } from './s3-objects.ts';

/** A dataset as it is addressed: the bucket, the key with its placeholders, and the setting that it comes from. */
export interface Target {
  bucket: Bucket;
  template: string;
  setting: string;
}

/** A snapshot together with its files; null where its inventory is gone. */
interface ListedSnapshot {
  snapshot: Snapshot;
  files: PublishedFile[] | null;
}

/** What is published of a dataset. */
export interface Published {
  latestKey: string;
  current: LatestObject | null;
  snapshots: ListedSnapshot[];
}

/** Where the local dataset goes, and what is there. */
export interface Destination {
  prefix: string;
  remote: Remote;
  known: Known;
}

/** Key of the lock of the one publisher. */
export function lockKey(target: Target): string {
  return besideLatest(latestKey(target.template), 'publisher.json');
}

/** Reads `latest.json` and the inventories of all snapshots that it names. */
export async function readPublished(
  { bucket, template }: Target,
  { signal, report }: StageContext,
): Promise<Published> {
  const key = latestKey(template);
  const current = await readLatest(bucket, key, signal);
  const snapshots: ListedSnapshot[] = [];
  for (const snapshot of current ? snapshotsOf(current.latest) : []) {
    let files: PublishedFile[] | null = null;
    try {
      files = await readInventory(bucket, snapshot, signal);
    } catch (error) {
      if (!(error instanceof KnownError) || error.name !== 'KnownError') throw error;
      if (snapshot.retiredAt === undefined)
        report({ type: 'warning', message: `${error.message}; its files are left alone` });
    }
    snapshots.push({ snapshot, files });
  }
  return { latestKey: key, current, snapshots };
}

/** Lists what lies below a prefix, by path. */
export async function listRemote(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<Remote> {
  const objects = await listObjects(bucket, `${prefix}/`, signal);
  return new Map(
    objects.filter(({ key }) => !key.endsWith('/')).map((object) => [object.key.slice(prefix.length + 1), object]),
  );
}

/** What the snapshots tell about the files below a prefix. */
export function knownAt(prefix: string, { snapshots }: Published): Known {
  const here = new Map<string, PublishedFile[]>();
  for (const { snapshot, files } of snapshots) {
    if (snapshot.prefix !== prefix || snapshot.retiredAt !== undefined) continue;
    for (const file of files ?? []) here.set(file.path, [...(here.get(file.path) ?? []), file]);
  }
  const [first] = snapshots;
  const inPlace = first?.snapshot.prefix === prefix;
  return {
    here,
    elsewhere:
      first?.files && !inPlace
        ? { prefix: first.snapshot.prefix, files: new Map(first.files.map((file) => [file.path, file])) }
        : null,
    versions: first && inPlace ? first.snapshot.tables : {},
  };
}

/**
 * Finds the prefix for the local dataset. A fixed one that holds another history, or something that we did not write, is a
 * KnownError; below a templated key the next free name is taken.
 */
export async function findDestination(
  target: Target,
  values: KeyValues,
  local: { files: FileEntry[]; directory: string },
  published: Published,
  signal: AbortSignal,
): Promise<Destination> {
  const { bucket, template, setting } = target;
  for (let attempt = 1; ; attempt += 1) {
    const prefix = fillKey(template, attempt === 1 ? values : numbered(values, attempt), setting);
    const remote = await listRemote(bucket, prefix, signal);
    const known = knownAt(prefix, published);
    const problems = divergences(local.files, known);
    if (problems.length === 0) {
      if (remote.size > 0 && published.current === null) await refuseForeign(target, prefix, remote, signal);
      return { prefix, remote, known };
    }
    if (!isTemplated(template)) throw divergenceError(`s3://${bucket.name}/${prefix}`, local.directory, problems);
  }
}

function numbered({ date, revision }: KeyValues, number: number): KeyValues {
  return { date: `${date}-${number}`, revision: revision === null ? null : `${revision}-${number}` };
}

/** Throws a KnownError where a fixed prefix holds what we did not publish, so that nobody evaluates for hours to learn that. */
export async function checkTarget(target: Target, signal: AbortSignal): Promise<void> {
  const { bucket, template } = target;
  if (isTemplated(template) || (await readLatest(bucket, latestKey(template), signal)) !== null) return;
  const prefix = fillKey(template, { date: '', revision: null }, target.setting);
  const remote = await listRemote(bucket, prefix, signal);
  if (remote.size > 0) await refuseForeign(target, prefix, remote, signal);
}

/** Objects without a `latest.json` are ours only where a publisher of ours was cut off before its first end. */
async function refuseForeign(target: Target, prefix: string, remote: Remote, signal: AbortSignal): Promise<void> {
  const { bucket, setting } = target;
  if ((await getText(bucket, lockKey(target), signal)) !== null) return;
  const [first] = remote.keys();
  throw new KnownError(
    `s3://${bucket.name}/${prefix}/ holds ${remote.size} objects (${first}, …) but there is no ${latestKey(target.template)} beside it: ` +
      `fdnix-indexer did not publish it (the Python system's datasets look like that), and it is never merged into one. Nothing was published; choose another ${setting}`,
  );
}
