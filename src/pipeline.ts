import type { Config } from './config/config.generated.ts';
import { metadataPhase, type MetadataResult } from './phases/metadata.ts';
import { embeddingPhase, type EmbeddingResult } from './phases/embedding.ts';
import { minifiedPhase, type MinifiedResult } from './phases/minified.ts';
import { fetchMissing, publishPhase } from './phases/publish.ts';
import type { PublishSummary } from './publish/publish.ts';
import { targetKeyOf, type DatasetName } from './publish/settings.ts';
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
    const done = await run('publish', () => publishPhase(config, [dataset], null, context));
    result.published = [...(result.published ?? []), done];
  };
  for (const path of [config.output.path, config.output.minifiedPath]) await settleDataset(path);
  await fetchMissing(config, phases, context);
  if (phases.includes('metadata')) result.metadata = await run('metadata', () => metadataPhase(config, force, context));
  if (phases.includes('embedding')) result.embedding = await run('embedding', () => embeddingPhase(config, context));
  if (phases.includes('metadata') || phases.includes('embedding')) await publishes('main');
  if (phases.includes('minified')) {
    result.minified = await run('minified', () => minifiedPhase(config, force, context));
    await publishes('minified');
  }
  return result;
}
