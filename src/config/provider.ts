import type { Config } from './config.generated.ts';
import { missingOf } from './violation.ts';

/** Who embeds: what `embedding.provider: auto` comes to, and none where embedding is off. */
export function resolveProvider({ embedding }: Pick<Config, 'embedding'>): 'bedrock' | 'local' | 'none' {
  if (!embedding.enabled) return 'none';
  if (embedding.provider !== 'auto') return embedding.provider;
  if (embedding.bedrock.roleArn !== null) return 'bedrock';
  return embedding.local.modelPath === null ? 'none' : 'local';
}

/** The keys without which Bedrock makes no batch jobs. */
export function missingForBatch({ embedding: { bedrock }, s3 }: Pick<Config, 'embedding' | 's3'>): string[] {
  return missingOf({
    'embedding.bedrock.roleArn': bedrock.roleArn,
    'embedding.bedrock.inputBucket (or s3.bucket)': bedrock.inputBucket ?? s3.bucket,
    'embedding.bedrock.outputBucket (or s3.bucket)': bedrock.outputBucket ?? s3.bucket,
  });
}
