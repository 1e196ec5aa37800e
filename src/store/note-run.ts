import { randomUUID } from 'node:crypto';
import type { StageContext } from '../report/event.ts';
import { connectDataset } from './connection.ts';
import { writeGeneration } from './generation.ts';
import { readRuns } from './run-log.ts';
import { runsTable, type RunRow } from './tables/runs.ts';
import { appendRows } from './write.ts';

/** Adds a row to `runs` that repeats what the newest one says of the dataset, for a phase that changed nothing but has a note. */
export async function noteRun(path: string, phase: string, note: string, context: StageContext): Promise<void> {
  await writeGeneration(path, context, async ({ directory }) => {
    const [newest] = await readRuns(directory);
    if (newest === undefined) return { keep: false, result: undefined };
    const now = new Date();
    const changes = { added: 0, changed: 0, removed: 0, timings: [], cost_usd: 0 };
    const row: RunRow = { ...newest, ...changes, run_id: randomUUID(), phase, note, started_at: now, finished_at: now };
    const connection = await connectDataset(directory);
    await appendRows(connection, runsTable, [row]);
    connection.close();
    return { keep: true, result: undefined };
  });
}
