import type { Config } from '../config/config.generated.ts';
import { resolveProvider } from '../config/provider.ts';
import { KnownError } from '../errors.ts';
import type { EmbeddingProvider } from './provider.ts';

/**
 * The provider that the configuration names, or null where there is none. What a provider needs is loaded with it and not before.
 * @param stateDirectory where it keeps what a later run needs to go on
 */
export async function createProvider(config: Config, stateDirectory: string): Promise<EmbeddingProvider | null> {
  const { embedding } = config;
  switch (resolveProvider(config)) {
    case 'none':
      return null;
    case 'bedrock': {
      const { BedrockProvider } = await import('./bedrock/provider.ts');
      const { bedrockSettings } = await import('./bedrock/settings.ts');
      return new BedrockProvider(bedrockSettings(config, stateDirectory));
    }
    case 'local': {
      const { modelPath } = embedding.local;
      if (modelPath === null) throw new KnownError('embedding.provider local needs embedding.local.modelPath');
      const { localProvider } = await import('./local/provider.ts');
      const dimensions = embedding.dimensions === 'auto' ? null : embedding.dimensions;
      return localProvider({ modelPath, normalize: embedding.normalize, dimensions });
    }
  }
}
