import { randomUUID } from 'node:crypto';
import type { StageContext } from '../report/event.ts';
import { connectDataset, openTable } from './connection.ts';
import { writeGeneration } from './generation.ts';
import { scanRows } from './scan.ts';
import { runsTable, type RunRow } from './tables/runs.ts';
import { appendRows } from './write.ts';

type StoredRun = Omit<RunRow, 'started_at' | 'finished_at'> & { started_at: number; finished_at: number };

/** Adds a row to `runs` that repeats what the newest one says of the dataset, for a phase that changed nothing but has a note. */
export async function noteRun(path: string, phase: string, note: string, context: StageContext): Promise<void> {
  await writeGeneration(path, context, async ({ directory }) => {
    const connection = await connectDataset(directory);
    try {
      const newest = await newestRun(await openTable(connection, 'runs'));
      if (newest === null) return { keep: false, result: undefined };
      const now = new Date();
      const changes = { added: 0, changed: 0, removed: 0, timings: [], cost_usd: 0 };
      const row: RunRow = {
        ...newest,
        ...changes,
        run_id: randomUUID(),
        phase,
        note,
        started_at: now,
        finished_at: now,
      };
      await appendRows(connection, runsTable, [row]);
      return { keep: true, result: undefined };
    } finally {
      connection.close();
    }
  });
}

async function newestRun(table: Awaited<ReturnType<typeof openTable>>): Promise<StoredRun | null> {
  let newest: StoredRun | null = null;
  for await (const row of scanRows<StoredRun>(table)) {
    if (newest === null || row.finished_at >= newest.finished_at) newest = row;
  }
  return newest;
}
