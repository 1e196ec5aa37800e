import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { stopwatch } from '../stopwatch.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import { ensureFtsIndexes } from '../store/fts.ts';
import { writeGeneration } from '../store/generation.ts';
import { analyseDataset, writeAnalysis, type Reclustering } from '../store/recluster.ts';
import { readRuns } from '../store/run-log.ts';
import { runsTable, type RunRow } from '../store/tables/runs.ts';
import { ensureVectorIndex } from '../store/vector-index.ts';
import { appendRows } from '../store/write.ts';
import { analyser, overridesOf } from './analyse.ts';

/**
 * Works identity and ranking of the main dataset out anew, with the evidence and the overrides of now, and writes what changed: all of
 * it as one generation, or none. `dryRun` tells what would change.
 */
export async function backfillClusters(config: Config, dryRun: boolean, context: StageContext): Promise<Reclustering> {
  const { path } = config.output;
  const analyse = analyser(config, await overridesOf(config, context.signal), context);
  if (dryRun) return (await analyseDataset(await connectDataset(path), analyse)).summary;
  await connectDataset(path);
  return writeGeneration(path, context, async ({ directory }) => {
    const startedAt = new Date();
    const watch = stopwatch(context.report);
    const connection = await connectDataset(directory);
    const { summary, analysis, idOf } = await watch('identity and ranking', () => analyseDataset(connection, analyse));
    if (summary.moved + summary.reranked === 0) return { keep: false, result: summary };
    context.signal.throwIfAborted();
    await watch('packages and clusters', () => writeAnalysis(connection, analysis, idOf));
    const packages = await openTable(connection, 'packages');
    await watch('full-text index', () => ensureFtsIndexes(packages, config.fts));
    await watch('vector index', () => ensureVectorIndex(packages, config.vectorIndex, context.report));
    const [newest] = await readRuns(directory);
    if (newest !== undefined) {
      const changes: Partial<RunRow> = {
        added: 0,
        changed: summary.moved,
        removed: 0,
        timings: watch.timings,
        cost_usd: 0,
      };
      const run = {
        ...newest,
        ...changes,
        run_id: randomUUID(),
        phase: 'cluster',
        started_at: startedAt,
        finished_at: new Date(),
      };
      await appendRows(connection, runsTable, [run]);
    }
    return { keep: true, result: summary };
  });
}
