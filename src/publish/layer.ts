import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { localInventory, sha256OfFile } from './inventory.ts';
import type { LayerService } from './layer-client.ts';
import { moveFunctions, type Rollout, type RolloutOptions } from './layer-rollout.ts';
import { deleteVersion, listVersions, newestWith, publishVersion, type LayerVersion } from './layer-versions.ts';
import { largest, roomBesideLanceDb, writeLayerZip, type Zip } from './layer-zip.ts';
import type { Bucket } from './s3-client.ts';
import { PermissionError } from './service-errors.ts';
import { uploadFile } from './s3-transfer.ts';

export interface LayerOptions {
  bucket: Bucket;
  /** Key that the zip is uploaded to. */
  key: string;
  /** Versions that stay, the new one included. */
  keep: number;
  updateFunctions: boolean;
  description: string;
  rollout?: RolloutOptions;
}

/** What came of publishing the layer. */
export interface LayerPublication {
  status: 'published' | 'unchanged';
  versionArn: string;
  zipped: number;
  unzipped: number;
  moved: string[];
  already: string[];
  deleted: string[];
}

/**
 * Publishes a minified dataset as a version of the layer, from a zip that goes through S3; not where the newest version has the
 * same hash. Then moves the functions and removes versions beyond `keep`, where that is wanted and permitted. Throws a KnownError
 * that lists the functions that could not be moved.
 */
export async function publishLayer(
  service: LayerService,
  directory: string,
  options: LayerOptions,
  context: StageContext,
): Promise<LayerPublication> {
  const { signal } = context;
  const file = join(dirname(directory), `.${basename(directory)}.${process.pid}.layer.zip`);
  try {
    const files = await localInventory(directory, signal);
    const zip = await writeLayerZip(directory, files, file, signal);
    if (zip.unzipped > roomBesideLanceDb) {
      const [first] = largest(files);
      const over = zip.unzipped - roomBesideLanceDb;
      context.report({
        type: 'warning',
        message: `the layer has ${zip.unzipped} bytes unzipped, ${over} more than fit beside LanceDB's module in one function (largest: ${first?.join(' ')})`,
      });
    }
    const same = await optional(context, 'the layer is published without a look at what is there', () =>
      newestWith(service, zip.sha256, signal),
    );
    const version = same ?? (await uploadAndPublish(service, zip, options, signal));
    const rollout = options.updateFunctions
      ? await optional(context, 'functions keep the version they have', () =>
          moveFunctions(service, version, context, options.rollout),
        )
      : null;
    const deleted = await removeOld(service, version, options.keep, rollout, context);
    if (rollout && rollout.failed.length > 0) throw rolloutError(version, rollout);
    const { zipped, unzipped } = zip;
    return {
      status: same ? 'unchanged' : 'published',
      versionArn: version.versionArn,
      zipped,
      unzipped,
      moved: rollout?.moved ?? [],
      already: rollout?.already ?? [],
      deleted,
    };
  } finally {
    await rm(file, { force: true });
  }
}

async function uploadAndPublish(
  service: LayerService,
  zip: Zip,
  { bucket, key, description }: LayerOptions,
  signal: AbortSignal,
): Promise<LayerVersion> {
  const sha256 = await sha256OfFile(zip.file, signal);
  await uploadFile(bucket, key, zip.file, { path: key, size: zip.zipped, sha256 }, signal);
  return await publishVersion(service, { bucket: bucket.name, key, sha256: zip.sha256, description }, signal);
}

/** Runs a step that a missing permission only skips; answers null then. */
async function optional<T>({ report }: StageContext, consequence: string, step: () => Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    report({ type: 'warning', message: `${consequence}: ${error.message}` });
    return null;
  }
}

/** Removes versions beyond `keep`, never one that a function was seen to use. */
async function removeOld(
  service: LayerService,
  current: LayerVersion,
  keep: number,
  rollout: Rollout | null,
  context: StageContext,
): Promise<string[]> {
  const deleted: string[] = [];
  await optional(context, 'old versions of the layer stay', async () => {
    const versions = await listVersions(service, context.signal);
    for (const version of versions.filter((other) => other.version < current.version).slice(keep - 1)) {
      if (rollout?.inUse.has(version.versionArn)) continue;
      await deleteVersion(service, version, context.signal);
      deleted.push(version.versionArn);
    }
  });
  return deleted;
}

function rolloutError({ versionArn }: LayerVersion, { moved, already, failed }: Rollout): KnownError {
  return new KnownError(
    [
      `${versionArn} is published, but ${failed.length} of ${failed.length + moved.length + already.length} functions were not moved to it:`,
      ...failed.map(({ name, reason }) => `  ${name}: ${reason}`),
      'run «fdnix-indexer publish» again to move them',
    ].join('\n'),
  );
}
