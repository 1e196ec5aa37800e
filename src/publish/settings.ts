import { UsageError } from '../errors.ts';
import type { Config } from '../config/config.generated.ts';
import { checkKeys, type DatasetName } from './keys.ts';
import { openLayerService, type LayerService } from './layer-client.ts';
import type { PublishOptions } from './dataset.ts';
import type { Target } from './remote-state.ts';
import { openBucket, type Bucket, type S3Settings } from './s3-client.ts';

/** How S3 is reached, without a bucket: for datasets that an `s3://` address names. */
export function s3Access({ aws, s3 }: Config): Omit<S3Settings, 'bucket'> {
  return {
    region: aws.region,
    endpoint: aws.endpoints.s3,
    pathStyle: s3.pathStyle === true || s3.pathStyle === false ? s3.pathStyle : 'auto',
    maxAttempts: aws.maxAttempts,
    concurrency: s3.concurrency,
    storageClass: s3.storageClass,
    kmsKeyId: s3.kmsKeyId,
  };
}

/** A client for the configured bucket. Throws a UsageError where none is configured. */
export function bucketOf(config: Config): Bucket {
  if (config.s3.bucket === null) {
    throw new UsageError('no bucket is configured; set s3.bucket, and s3.dataKey or s3.minifiedKey, to publish');
  }
  return openBucket({ ...s3Access(config), bucket: config.s3.bucket });
}

/** Where each dataset is published, as far as it has a key. */
export function targetsOf({ s3 }: Config, bucket: Bucket): Partial<Record<DatasetName, Target>> {
  const { dataKey, minifiedKey } = s3;
  checkKeys({
    ...(dataKey === null ? {} : { 's3.dataKey': dataKey }),
    ...(minifiedKey === null ? {} : { 's3.minifiedKey': minifiedKey }),
  });
  return {
    ...(dataKey === null ? {} : { main: { bucket, template: dataKey, setting: 's3.dataKey' } }),
    ...(minifiedKey === null ? {} : { minified: { bucket, template: minifiedKey, setting: 's3.minifiedKey' } }),
  };
}

/** What `publishDataset` wants to know of the configuration. */
export function publishOptionsOf({ s3 }: Config): PublishOptions {
  return { keep: s3.keep, graceMinutes: s3.graceMinutes, conditionalWrites: s3.conditionalWrites };
}

/** Clients for the layer, or null where it is not published. */
export function layerServiceOf({ layer, aws }: Config): LayerService | null {
  if (!layer.publish || layer.arn === null) return null;
  return openLayerService({
    layer: layer.arn,
    region: aws.region,
    endpoint: aws.endpoints.lambda,
    maxAttempts: aws.maxAttempts,
  });
}

/** Key of the layer's zip, with its placeholders. */
export function layerKeyOf({ layer, s3 }: Config): string {
  return layer.key ?? `${s3.minifiedKey ?? 'fdnix.lancedb'}.layer.zip`;
}
