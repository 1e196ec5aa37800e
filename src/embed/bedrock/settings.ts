import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Config } from '../../config/config.generated.ts';
import { UsageError } from '../../errors.ts';
import type { VectorKey } from '../provider.ts';

type BedrockConfig = Config['embedding']['bedrock'];

/** What the Bedrock provider works with. */
export interface BedrockSettings extends Omit<BedrockConfig, 'roleArn' | 'inputBucket' | 'outputBucket'> {
  key: VectorKey;
  region: string | null;
  endpoints: Config['aws']['endpoints'];
  pathStyle: boolean;
  maxAttempts: number;
  /** What batch jobs need; null where some of it is not configured. */
  batch: { roleArn: string; inputBucket: string; outputBucket: string } | null;
  /** The dataset's name in keys and jobs: of letters, digits and hyphens, its own among those of one bucket. */
  dataset: string;
  /** Where journal and inputs are kept on this machine. */
  stateDirectory: string;
  /** Milliseconds before a failed call is tried again, the first time. */
  backoffMs: number;
  /** Milliseconds after which a job whose creation was not answered must be in the list of jobs. */
  settleMs: number;
}

const titanDimensions = [256, 512, 1024];
/** Models whose requests and answers are others than those of Titan Text Embeddings V2. */
const otherModels = /(?:^|\/)(?:cohere|twelvelabs)\.|titan-embed-(?:image|g1|text-v1)|nova.*embed/;

/**
 * The settings for Bedrock that a configuration comes to.
 * @throws UsageError where the model cannot give the dimensions
 */
export function bedrockSettings(config: Config, stateDirectory: string): BedrockSettings {
  const { roleArn, inputBucket, outputBucket, ...bedrock } = config.embedding.bedrock;
  const from = inputBucket ?? config.s3.bucket;
  const to = outputBucket ?? config.s3.bucket;
  const { endpoints, region, maxAttempts } = config.aws;
  return {
    ...bedrock,
    inputPrefix: bedrock.inputPrefix.replace(/\/$/, ''),
    outputPrefix: bedrock.outputPrefix.replace(/\/$/, ''),
    key: { model: bedrock.modelId, dimensions: dimensionsOf(config), normalize: config.embedding.normalize },
    region,
    endpoints,
    maxAttempts,
    pathStyle: config.s3.pathStyle === 'auto' ? endpoints.s3 !== null : config.s3.pathStyle,
    batch: roleArn !== null && from !== null && to !== null ? { roleArn, inputBucket: from, outputBucket: to } : null,
    dataset: datasetName(config),
    stateDirectory,
    backoffMs: Math.min(500, bedrock.pollIntervalSeconds * 1000),
    settleMs: Math.min(bedrock.pollIntervalSeconds, 15) * 1000,
  };
}

function dimensionsOf({ embedding: { dimensions, bedrock } }: Config): number {
  if (otherModels.test(bedrock.modelId)) {
    throw new UsageError(
      `embedding.bedrock.modelId: ${bedrock.modelId} takes other requests than amazon.titan-embed-text-v2:0, the model that is supported`,
    );
  }
  if (dimensions === 'auto') return 256;
  const wanted = dimensions;
  if (bedrock.modelId.includes('titan-embed-text-v2') && !titanDimensions.includes(wanted)) {
    throw new UsageError(
      `embedding.dimensions is ${wanted}, and ${bedrock.modelId} gives ${titanDimensions.join(', ')} or auto`,
    );
  }
  return wanted;
}

/** Two datasets that share a bucket and prefixes differ in their name or in where they are published. */
function datasetName({ output, s3 }: Config): string {
  const name = basename(output.path)
    .replace(/\.lancedb$/, '')
    .replaceAll(/[^a-zA-Z0-9]+/g, '-');
  const slug = name.replaceAll(/^-+|-+$/g, '').slice(0, 20) || 'dataset';
  const hash = createHash('sha256').update(JSON.stringify([basename(output.path), s3.bucket, s3.dataKey]));
  return `${slug}-${hash.digest('hex').slice(0, 6)}`;
}
