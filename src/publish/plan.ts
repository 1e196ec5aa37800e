import { KnownError } from '../errors.ts';
import type { FileEntry, PublishedFile } from './inventory.ts';
import { classify, tableVersions } from './layout.ts';
import type { ObjectInfo } from './s3-objects.ts';

/** An object of the prefix, by its path below it. */
export type Remote = Map<string, ObjectInfo>;

/** What is known of the published snapshots, as far as a plan needs it. */
export interface Known {
  /** Files that live snapshots name below the prefix that is published to. */
  here: Map<string, PublishedFile[]>;
  /** Files of the current snapshot where that lies below another prefix. */
  elsewhere: { prefix: string; files: Map<string, PublishedFile> } | null;
  /** Table versions of the current snapshot where it lies below this prefix. */
  versions: Record<string, number>;
}

/** What has to happen so that the prefix holds the local dataset. */
export interface Plan {
  /** Files that have to be sent. */
  upload: FileEntry[];
  /** Files that the store copies from the snapshot before, without their bytes travelling. */
  copy: { file: FileEntry; from: string }[];
  /** Files that are there. */
  stay: PublishedFile[];
  /** Files of the same name about whose content only a HEAD can tell: no live snapshot names them as they are. */
  doubtful: { file: FileEntry; object: ObjectInfo }[];
}

/** Compares the local files with what lies below the prefix. Pure. */
export function planUpload(local: FileEntry[], remote: Remote, known: Known): Plan {
  const plan: Plan = { upload: [], copy: [], stay: [], doubtful: [] };
  for (const file of local) {
    const object = remote.get(file.path);
    if (object === undefined) {
      const twin = known.elsewhere?.files.get(file.path);
      if (twin?.sha256 === file.sha256 && known.elsewhere !== null)
        plan.copy.push({ file, from: `${known.elsewhere.prefix}/${file.path}` });
      else plan.upload.push(file);
      continue;
    }
    const published = known.here
      .get(file.path)
      ?.find((candidate) => candidate.etag === object.etag && candidate.size === object.size);
    if (published?.sha256 === file.sha256) plan.stay.push({ ...file, etag: object.etag });
    else if (classify(file.path).kind === 'ref') plan.upload.push(file);
    else plan.doubtful.push({ file, object });
  }
  return plan;
}

/** Why the local dataset cannot go on from what is published below the prefix: tables whose histories parted. */
export function divergences(local: FileEntry[], known: Known): string[] {
  const problems: string[] = [];
  const newest = tableVersions(local);
  for (const file of local) {
    const { kind, table, version } = classify(file.path);
    if (kind !== 'manifest' || table === null || version !== newest[table]) continue;
    const other = known.here.get(file.path)?.find((published) => published.sha256 !== file.sha256);
    if (other !== undefined) problems.push(`version ${version} of table ${table} is published with another content`);
  }
  for (const [table, version] of Object.entries(known.versions)) {
    const ours = newest[table];
    if (ours !== undefined && ours < version)
      problems.push(`table ${table} is published at version ${version}, the local one is at ${ours}`);
  }
  return problems;
}

/** The error for a local dataset that was not made from the published one. */
export function divergenceError(uri: string, directory: string, problems: string[]): KnownError {
  return new KnownError(
    `${directory} was not made from what ${uri} holds: ${problems.join('; ')}. Nothing was published. ` +
      `Move ${directory} away and run again: the published dataset is downloaded and continued; or publish to a prefix of its own`,
  );
}
