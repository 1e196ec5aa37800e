import { KnownError } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import { noUsage } from '../provider.ts';
import type { EmbeddedText, EmbeddingOutcome, EmbeddingProvider, PendingText, Unembedded } from '../provider.ts';
import { checkedVector } from '../vector.ts';
import { loadModel, type LocalModel } from './model.ts';

export interface LocalSettings {
  modelPath: string;
  normalize: boolean;
  /** The configured dimensions, or null for the model's own. */
  dimensions: number | null;
}

/** Texts whose vectors are handed over together, and of those as many as the model takes at once. */
const groupSize = 1024;
const batchSize = 32;

/**
 * A sentence-embedding model on this machine, on all of its cores.
 * @throws UsageError, KnownError where the model cannot be loaded or has other dimensions than are configured
 */
export async function localProvider(settings: LocalSettings): Promise<EmbeddingProvider> {
  const model = await loadModel(settings.modelPath, settings.normalize);
  if (settings.dimensions !== null && settings.dimensions !== model.dimensions) {
    throw new KnownError(
      `embedding.dimensions is ${settings.dimensions}, and ${model.name} has ${model.dimensions}; set it to auto`,
    );
  }
  const key = { model: model.name, dimensions: model.dimensions, normalize: settings.normalize };

  async function* embed(
    pending: readonly PendingText[],
    context: StageContext,
  ): AsyncGenerator<EmbeddedText[], EmbeddingOutcome> {
    const unembedded: Unembedded[] = [];
    for (let start = 0; start < pending.length; start += groupSize) {
      const group: EmbeddedText[] = [];
      for await (const { hash, vector } of embedGroup(model, pending.slice(start, start + groupSize), context.signal)) {
        const checked = checkedVector(vector, key);
        if (typeof checked === 'string')
          unembedded.push({ hash, reason: `the model gave no use: ${checked}`, waits: false });
        else group.push({ hash, vector: checked });
      }
      const done = Math.min(start + groupSize, pending.length);
      context.report({ type: 'progress', task: 'embedding', done, total: pending.length, unit: 'texts' });
      yield group;
    }
    return { unembedded, usage: { ...noUsage } };
  }

  return {
    name: 'local',
    key,
    inFlight: () => Promise.resolve(new Set<string>()),
    estimate: (pending) => Promise.resolve(estimateLocal(model, pending)),
    embed,
    embedQuery: async (text) => {
      const [vector] = await model.embed([model.tokenize(text)]);
      if (!vector) throw new KnownError(`${model.name} gave no vector for the query`);
      return vector;
    },
    settled: () => Promise.resolve(),
    close: () => model.close(),
  };
}

/** Texts of about the same length go together, so that little is padded. */
async function* embedGroup(
  model: LocalModel,
  group: readonly PendingText[],
  signal: AbortSignal,
): AsyncGenerator<EmbeddedText> {
  const sequences = group.map(({ hash, text }) => ({ hash, ids: model.tokenize(text) }));
  sequences.sort((a, b) => a.ids.length - b.ids.length);
  for (let start = 0; start < sequences.length; start += batchSize) {
    signal.throwIfAborted();
    const batch = sequences.slice(start, start + batchSize);
    const vectors = await model.embed(batch.map(({ ids }) => ids));
    for (const [i, { hash }] of batch.entries()) yield { hash, vector: vectors[i] ?? new Float32Array(0) };
  }
}

/** Tokens from a sample of the texts; it costs nothing but time. */
async function estimateLocal(model: LocalModel, pending: readonly PendingText[]) {
  const step = Math.max(1, Math.floor(pending.length / 200));
  const sample = pending.filter((_, i) => i % step === 0).map(({ text }) => model.tokenize(text));
  const started = performance.now();
  for (let start = 0; start < Math.min(sample.length, 64); start += batchSize) {
    await model.embed(sample.slice(start, start + batchSize));
  }
  const perText = (performance.now() - started) / 1000 / Math.max(1, Math.min(sample.length, 64));
  const tokens = sample.reduce((sum, { length }) => sum + length, 0);
  return {
    texts: pending.length,
    tokens: sample.length === 0 ? 0 : Math.round((tokens / sample.length) * pending.length),
    jobs: 0,
    calls: 0,
    cost: 0,
    seconds: perText * pending.length,
  };
}
