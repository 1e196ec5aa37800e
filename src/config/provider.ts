import type { Config } from './config.generated.ts';

/** Who embeds: what `embedding.provider: auto` comes to, and none where embedding is off. */
export function resolveProvider({ embedding }: Pick<Config, 'embedding'>): 'bedrock' | 'local' | 'none' {
  if (!embedding.enabled) return 'none';
  if (embedding.provider !== 'auto') return embedding.provider;
  if (embedding.bedrock.roleArn !== null) return 'bedrock';
  return embedding.local.modelPath === null ? 'none' : 'local';
}
