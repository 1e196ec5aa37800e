import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.generated.ts';
import { resolveProvider } from '../config/provider.ts';
import type { StoppedJob } from '../embed/bedrock/stop-jobs.ts';
import { createProvider } from '../embed/create-provider.ts';
import {
  embedDataset,
  planEmbedding,
  type EmbeddingOptions,
  type EmbeddingPlan,
  type EmbeddingSummary,
} from '../embed/phase.ts';
import type { EmbeddingProvider } from '../embed/provider.ts';
import { VectorSpool } from '../embed/spool.ts';
import { KnownError } from '../errors.ts';
import { usageLines } from '../report/embedding-lines.ts';
import type { StageContext } from '../report/event.ts';
import { stopwatch, type Timing } from '../stopwatch.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import { embeddingDataset } from '../store/embedding-dataset.ts';
import { ensureFtsIndexes } from '../store/fts.ts';
import { writeGeneration } from '../store/generation.ts';
import { stateDirectoryOf } from '../store/place.ts';
import { readRuns } from '../store/run-log.ts';
import { runsTable, type RunRow } from '../store/tables/runs.ts';
import { ensureVectorIndex } from '../store/vector-index.ts';
import { appendRows } from '../store/write.ts';

/** What an embedding phase came to. */
export type EmbeddingResult =
  | { status: 'skipped'; reason: string }
  | ({ status: 'unchanged' | 'written' } & EmbeddingSummary);

/** What embedding would do, and with what. */
export interface PlannedEmbedding {
  plan: EmbeddingPlan;
  provider: EmbeddingProvider['name'];
  model: string;
}

/** The dataset that is embedded. */
function embeddedPath({ embedding, output }: Config): string {
  return embedding.datasetPath ?? output.path;
}

/**
 * Embeds the main dataset and builds its vector index. The dataset's lock is held throughout, so that no text is sent by two runs.
 * @throws KnownError where some packages are without a vector in the end, unless embedding.allowPartial
 */
export async function embeddingPhase(config: Config, context: StageContext): Promise<EmbeddingResult> {
  const path = embeddedPath(config);
  const state = stateDirectoryOf(path, 'embedding');
  const provider = await createProvider(config, state);
  if (provider === null) {
    const reason = whyNone(config);
    context.report({ type: 'phase', phase: 'embedding', status: 'skipped', reason });
    return { status: 'skipped', reason };
  }
  try {
    await connectDataset(path);
    const summary = await writeGeneration(path, context, async ({ directory }) => {
      const spool = await VectorSpool.open(state, provider.key);
      try {
        const result = await writeEmbeddings(directory, provider, spool, config, context);
        const settled = async () => {
          await provider.settled(context);
          await VectorSpool.remove(state, provider.key);
        };
        return { keep: result.changed, result, settled };
      } finally {
        await spool.close();
      }
    });
    if (!summary.complete && !config.embedding.allowPartial) throw incomplete(summary);
    return { status: summary.changed ? 'written' : 'unchanged', ...summary };
  } finally {
    await provider.close();
  }
}

/** What embedding would do and cost; null where there is no provider. */
export async function planEmbeddingPhase(config: Config, context: StageContext): Promise<PlannedEmbedding | null> {
  const path = embeddedPath(config);
  const state = stateDirectoryOf(path, 'embedding');
  const provider = await createProvider(config, state);
  if (provider === null) return null;
  try {
    const dataset = embeddingDataset(await connectDataset(path));
    const spooled = await VectorSpool.peek(state, provider.key);
    const plan = await planEmbedding(dataset, lenient(provider, context), spooled, optionsOf(config), context);
    return { plan, provider: provider.name, model: provider.key.model };
  } finally {
    await provider.close();
  }
}

/** A plan can be made where the journal of batch jobs on S3 cannot be read: it says so, and takes them for not there. */
function lenient(
  provider: EmbeddingProvider,
  { report }: StageContext,
): Pick<EmbeddingProvider, 'key' | 'inFlight' | 'estimate'> {
  return {
    key: provider.key,
    estimate: (pending) => provider.estimate(pending),
    inFlight: async (context) => {
      try {
        return await provider.inFlight(context);
      } catch (error) {
        if (!(error instanceof KnownError)) throw error;
        report({ type: 'warning', message: `jobs of earlier runs are left out of account: ${error.message}` });
        return new Set<string>();
      }
    },
  };
}

/** Stops the batch jobs that the dataset's journal knows; none where the provider is not Bedrock. */
export async function stopEmbeddingJobs(config: Config, context: StageContext): Promise<StoppedJob[]> {
  if (resolveProvider(config) !== 'bedrock') return [];
  const { bedrockSettings } = await import('../embed/bedrock/settings.ts');
  const { stopJobs } = await import('../embed/bedrock/stop-jobs.ts');
  const settings = bedrockSettings(config, stateDirectoryOf(embeddedPath(config), 'embedding'));
  return stopJobs(settings, context);
}

async function writeEmbeddings(
  directory: string,
  provider: EmbeddingProvider,
  spool: VectorSpool,
  config: Config,
  context: StageContext,
): Promise<EmbeddingSummary> {
  const startedAt = new Date();
  const watch = stopwatch(context.report);
  const connection = await connectDataset(directory);
  const summary = await watch('embedding', () =>
    embedDataset(embeddingDataset(connection), provider, spool, optionsOf(config), context),
  );
  // Said before the dataset is written, since a run that ends badly has no summary.
  for (const [label, value] of usageLines(summary.usage)) {
    context.report({ type: 'info', message: `${label}: ${value}` });
  }
  if (!summary.changed) return summary;
  const packages = await openTable(connection, 'packages');
  await watch('full-text index', () => ensureFtsIndexes(packages, config.fts));
  await watch('vector index', () => ensureVectorIndex(packages, config.vectorIndex, context.report));
  const [newest] = await readRuns(directory);
  if (newest !== undefined)
    await appendRows(connection, runsTable, [runRow(newest, summary, startedAt, watch.timings)]);
  return summary;
}

function runRow(newest: object, summary: EmbeddingSummary, startedAt: Date, timings: Timing[]): object {
  const { model, dimensions } = summary.key;
  const changes: Partial<RunRow> = { added: 0, changed: 0, removed: 0, timings, cost_usd: summary.usage.cost };
  return {
    ...newest,
    ...changes,
    run_id: randomUUID(),
    phase: 'embedding',
    started_at: startedAt,
    finished_at: new Date(),
    note: `${summary.embedded} texts embedded with ${model} (${dimensions} dimensions), ${summary.reused} reused; ${summary.withVector} packages have a vector, ${summary.without} do not`,
  };
}

function optionsOf({ embedding }: Config): EmbeddingOptions {
  const { maxChars, maxTexts, maxCost, forceRebuild, allowPartial } = embedding;
  return { maxChars, maxTexts, maxCost, forceRebuild, allowPartial };
}

/** Why nobody embeds with this configuration. */
export function whyNone({ embedding }: Config): string {
  if (!embedding.enabled) return 'embedding.enabled is false';
  if (embedding.provider === 'none') return 'embedding.provider is none';
  return 'no provider is configured: set embedding.bedrock.roleArn or embedding.local.modelPath';
}

function incomplete({ without, unembedded, key }: EmbeddingSummary): KnownError {
  const counts = new Map<string, number>();
  for (const { reason } of unembedded) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].toSorted((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} texts: ${reason}`);
  const shown = reasons.slice(0, 5).join('; ') + (reasons.length > 5 ? `; and ${reasons.length - 5} reasons more` : '');
  const { model, dimensions } = key;
  const found =
    without > 0
      ? `${without} packages are without a vector`
      : `${unembedded.length} texts have no vector of ${model} with ${dimensions} dimensions, and the packages keep those that they have`;
  return new KnownError(
    `${found} (${shown}). What came is kept, and the next run asks for the rest alone; ` +
      'embedding.allowPartial goes on without them',
  );
}
