import {
  DeleteLayerVersionCommand,
  GetLayerVersionCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type LayerVersionsListItem,
} from '@aws-sdk/client-lambda';
import { KnownError } from '../errors.ts';
import { callLambda, type LayerService } from './layer-client.ts';
import { retrying, rootCause } from './retry.ts';
import { isMissing, isTransient } from './service-errors.ts';

/** A version of a layer. */
export interface LayerVersion {
  /** ARN of the layer, without the version. */
  layerArn: string;
  version: number;
  versionArn: string;
}

/** Where the zip lies and what it is. */
export interface LayerSource {
  bucket: string;
  key: string;
  /** SHA-256, base64. */
  sha256: string;
  description: string;
}

/** All versions of the layer, the newest first; none where it does not exist yet. */
export async function listVersions(service: LayerService, signal: AbortSignal): Promise<LayerVersion[]> {
  const { layer } = service.settings;
  const items: LayerVersionsListItem[] = [];
  let marker: string | undefined;
  try {
    do {
      const command = new ListLayerVersionsCommand({ LayerName: layer, Marker: marker });
      const page = await callLambda(service, 'lambda:ListLayerVersions', layer, signal, () =>
        service.client.send(command, { abortSignal: signal }),
      );
      items.push(...(page.LayerVersions ?? []));
      marker = page.NextMarker;
    } while (marker !== undefined && marker !== '');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  return items
    .flatMap(({ Version, LayerVersionArn }) =>
      Version === undefined || LayerVersionArn === undefined ? [] : [versionOf(LayerVersionArn, Version)],
    )
    .toSorted((a, b) => b.version - a.version);
}

/** The SHA-256 (base64) of a version's zip, or null where it is gone. */
async function hashOf(
  service: LayerService,
  { version, versionArn }: LayerVersion,
  signal: AbortSignal,
): Promise<string | null> {
  const command = new GetLayerVersionCommand({ LayerName: service.settings.layer, VersionNumber: version });
  try {
    const reply = await callLambda(service, 'lambda:GetLayerVersion', versionArn, signal, () =>
      service.client.send(command, { abortSignal: signal }),
    );
    return reply.Content?.CodeSha256 ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The newest version, where it has this hash. */
export async function newestWith(
  service: LayerService,
  sha256: string,
  signal: AbortSignal,
): Promise<LayerVersion | null> {
  const [newest] = await listVersions(service, signal);
  return newest !== undefined && (await hashOf(service, newest, signal)) === sha256 ? newest : null;
}

/**
 * Publishes a version from S3. The call is not idempotent: after a failure that leaves open whether it happened, the versions are
 * looked at before it is made again.
 */
export async function publishVersion(
  service: LayerService,
  { bucket, key, sha256, description }: LayerSource,
  signal: AbortSignal,
): Promise<LayerVersion> {
  const { layer, maxAttempts } = service.settings;
  const command = new PublishLayerVersionCommand({
    LayerName: layer,
    Description: description.slice(0, 256),
    Content: { S3Bucket: bucket, S3Key: key },
  });
  const rule = { attempts: maxAttempts, helps: (error: unknown) => isTransient(rootCause(error)) };
  return await retrying(rule, signal, async (attempt) => {
    const there = attempt === 1 ? null : await newestWith(service, sha256, signal);
    if (there !== null) return there;
    const reply = await callLambda(service, 'lambda:PublishLayerVersion', layer, signal, () =>
      service.once.send(command, { abortSignal: signal }),
    );
    const found = reply.Content?.CodeSha256;
    if (found !== undefined && found !== sha256) {
      throw new KnownError(
        `${reply.LayerVersionArn}: Lambda read other bytes (SHA-256 ${found}) than were written to s3://${bucket}/${key} (${sha256})`,
      );
    }
    return versionOf(reply.LayerVersionArn ?? '', reply.Version ?? 0);
  });
}

/** Deletes a version; functions that use it keep running with it. */
export async function deleteVersion(
  service: LayerService,
  { version, versionArn }: LayerVersion,
  signal: AbortSignal,
): Promise<void> {
  const command = new DeleteLayerVersionCommand({ LayerName: service.settings.layer, VersionNumber: version });
  await callLambda(service, 'lambda:DeleteLayerVersion', versionArn, signal, () =>
    service.client.send(command, { abortSignal: signal }),
  );
}

function versionOf(versionArn: string, version: number): LayerVersion {
  return { layerArn: versionArn.slice(0, versionArn.lastIndexOf(':')), version, versionArn };
}
