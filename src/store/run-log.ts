import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '@lancedb/lancedb';
import { connectDataset, openTableIfThere, type StorageOptions } from './connection.ts';
import { readableDirectory } from './place.ts';
import { scanRows } from './scan.ts';
import { runsTable, type RunRow } from './tables/runs.ts';

/** The runs of a dataset, the latest first; none where there is no dataset. */
export async function readRuns(path: string, storageOptions: StorageOptions = {}): Promise<RunRow[]> {
  if (!path.includes('://')) {
    const directory = readableDirectory(path);
    // LanceDB leaves a directory of its own wherever it connects to.
    if (directory === null || !existsSync(join(directory, `${runsTable.name}.lance`))) return [];
  }
  return runsOf(await connectDataset(path, { storageOptions }));
}

/** The runs of an open dataset, the latest first. */
export async function runsOf(connection: Connection): Promise<RunRow[]> {
  const table = await openTableIfThere(connection, runsTable.name);
  if (table === null) return [];
  const runs: RunRow[] = [];
  for await (const row of scanRows<RunRow>(table)) {
    runs.push({ ...row, started_at: new Date(row.started_at), finished_at: new Date(row.finished_at) });
  }
  return runs.toSorted((a, b) => b.finished_at.getTime() - a.finished_at.getTime());
}

/** The latest run of a phase, or undefined. */
export async function lastRun(path: string, phase: string): Promise<RunRow | undefined> {
  return (await readRuns(path)).find((run) => run.phase === phase);
}
