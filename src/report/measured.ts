import type { Config } from '../config/config.generated.ts';
import { messageOf } from '../errors.ts';
import type { PipelineResult } from '../pipeline.ts';
import type { Report } from './event.ts';
import { bytesBelow, writeMetrics } from './metrics-file.ts';
import { toolVersion } from '../version.ts';
import { runMetrics } from './run-metrics.ts';

/**
 * Runs the pipeline, which fills in the result as its phases end, and writes its metrics to `metrics.textfile`, where that
 * is set, however it ends.
 */
export async function measured(
  config: Config,
  report: Report,
  run: (result: PipelineResult) => Promise<unknown>,
): Promise<PipelineResult> {
  const result: PipelineResult = { seconds: {} };
  const path = config.metrics.textfile;
  if (path === null) {
    await run(result);
    return result;
  }
  const write = async (success: boolean): Promise<void> => {
    const [main, minified] = await Promise.all([config.output.path, config.output.minifiedPath].map(bytesBelow));
    const bytes = { ...(main !== undefined && { main }), ...(minified !== undefined && { minified }) };
    await writeMetrics(
      path,
      runMetrics({ config, version: toolVersion(), finishedAt: new Date(), success, result, bytes }),
    );
  };
  try {
    await run(result);
  } catch (error) {
    // What ended the run matters more than that its metrics could not be written.
    await write(false).catch((failure: unknown) => report({ type: 'warning', message: messageOf(failure) }));
    throw error;
  }
  await write(true);
  return result;
}
