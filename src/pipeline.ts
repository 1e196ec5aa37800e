import type { Config } from './config/config.generated.ts';
import type { MetadataResult } from './phases/metadata.ts';
import type { EmbeddingResult } from './phases/embedding.ts';
import type { MinifiedResult } from './phases/minified.ts';
import { targetKeyOf, type DatasetName } from './publish/keys.ts';
import type { PublishSummary } from './publish/publish.ts';
import type { Phase, StageContext } from './report/event.ts';
import { settleDataset } from './store/settle.ts';

/** What a run did, phase by phase; a phase that the mode does not have is absent. */
export interface PipelineResult {
  metadata?: MetadataResult;
  embedding?: EmbeddingResult;
  minified?: MinifiedResult;
  published?: PublishSummary[];
  seconds: Partial<Record<Phase, number>>;
}

const phasesOf: Record<Config['mode'], Phase[]> = {
  metadata: ['metadata'],
  embedding: ['embedding'],
  minified: ['minified'],
  both: ['metadata', 'embedding', 'minified'],
  full: ['metadata', 'embedding', 'minified'],
};

// Each phase is loaded when it runs: the AWS clients alone take longer to load than a small package set to index.
const metadata = () => import('./phases/metadata.ts');
const embedding = () => import('./phases/embedding.ts');
const minified = () => import('./phases/minified.ts');
const publishing = () => import('./phases/publish.ts');

/**
 * Runs the phases of the configured mode in their order. `force` runs also those whose result would be the same. `result` is
 * filled in as phases end, so that it tells what was done where a later one fails.
 */
export async function runPipeline(
  config: Config,
  { force }: { force: boolean },
  context: StageContext,
  result: PipelineResult,
): Promise<PipelineResult> {
  const phases = phasesOf[config.mode];
  const run = async <T>(phase: Phase, work: () => Promise<T>): Promise<T> => {
    context.signal.throwIfAborted();
    context.report({ type: 'phase', phase, status: 'started' });
    const start = performance.now();
    const value = await work();
    const seconds = Math.round(performance.now() - start) / 1000;
    result.seconds[phase] = (result.seconds[phase] ?? 0) + seconds;
    context.report({ type: 'phase', phase, status: 'finished', seconds });
    return value;
  };
  const publishes = async (dataset: DatasetName): Promise<void> => {
    if (targetKeyOf(config, dataset) === null) return;
    const { publishPhase } = await publishing();
    const done = await run('publish', () => publishPhase(config, [dataset], null, context));
    result.published = [...(result.published ?? []), done];
  };
  for (const path of [config.output.path, config.output.minifiedPath]) await settleDataset(path);
  if (config.s3.bucket !== null) {
    const { fetchMissing } = await publishing();
    await fetchMissing(config, phases, context);
  }
  if (phases.includes('metadata')) {
    const { metadataPhase } = await metadata();
    result.metadata = await run('metadata', () => metadataPhase(config, force, context));
  }
  if (phases.includes('embedding')) {
    const { embeddingPhase } = await embedding();
    result.embedding = await run('embedding', () => embeddingPhase(config, context));
  }
  if (phases.includes('metadata') || phases.includes('embedding')) await publishes('main');
  if (phases.includes('minified')) {
    const { minifiedPhase } = await minified();
    result.minified = await run('minified', () => minifiedPhase(config, force, context));
    await publishes('minified');
  }
  return result;
}
