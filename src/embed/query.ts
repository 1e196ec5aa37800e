import type { Config } from '../config/config.generated.ts';
import { UsageError } from '../errors.ts';
import { createProvider } from './create-provider.ts';
import type { VectorKey } from './provider.ts';

/** What made a dataset's vectors: `vectorColumn(table)` of the store reads it from the dataset itself. */
export interface DatasetVectors extends VectorKey {
  provider: string;
}

/**
 * Embeds a query as the dataset's texts were: with the same provider, model, dimensions and normalisation, whatever the configuration
 * says of new datasets. Credentials, endpoints and the local model's directory come from the configuration.
 * @throws UsageError where that is not possible here, with what would make it so; KnownError where the provider fails
 */
export async function embedQuery(
  config: Config,
  vectors: DatasetVectors,
  text: string,
  signal: AbortSignal,
): Promise<Float32Array> {
  const provider = await createProvider(asDatasetHas(config, vectors), '');
  if (!provider) throw new UsageError(`nothing here can embed a query for vectors of ${vectors.model}`);
  try {
    const { model, dimensions } = provider.key;
    if (model !== vectors.model || dimensions !== vectors.dimensions) {
      throw new UsageError(
        `the dataset's vectors are of ${vectors.model} (${vectors.dimensions} dimensions), and embedding.local.modelPath is ` +
          `${model} (${dimensions}): set it to the directory of the dataset's model`,
      );
    }
    return await provider.embedQuery(text, signal);
  } finally {
    await provider.close();
  }
}

/** The configuration with the dataset's provider and model in place of its own. */
function asDatasetHas(config: Config, { provider, model, dimensions, normalize }: DatasetVectors): Config {
  const { embedding } = config;
  const common = { ...embedding, enabled: true, dimensions, normalize };
  if (provider === 'bedrock') {
    const bedrock = { ...embedding.bedrock, modelId: model, mode: 'onDemand' as const };
    return { ...config, embedding: { ...common, provider: 'bedrock', bedrock } };
  }
  if (provider !== 'local')
    throw new UsageError(`the dataset's vectors were made by «${provider}», which this version does not know`);
  if (embedding.local.modelPath === null) {
    throw new UsageError(
      `the dataset's vectors are of the local model ${model}: set embedding.local.modelPath to its directory`,
    );
  }
  return { ...config, embedding: { ...common, provider: 'local', dimensions: 'auto' } };
}
