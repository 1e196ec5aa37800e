import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { scanRows } from '../../src/store/scan.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runInProcess } from '../support/in-process.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));

interface Row {
  package_id: string;
  effort: number;
  last_updated: number;
}

test('a run over a dataset of an earlier version, with a column less, adds the column and keeps the times', async (t) => {
  const folder = await temporaryDirectory(t);
  const settings = ['nixpkgs.source=jsonl', `nixpkgs.path=${sample}`, `output.path=${join(folder, 'data.lancedb')}`];
  const run = () =>
    runInProcess(['run', '--mode', 'metadata', '--force', ...settings.flatMap((one) => ['--set', one])], folder);
  const packages = async () => openTable(await connectDataset(join(folder, 'data.lancedb')), 'packages');
  const rows = async () =>
    Array.fromAsync(scanRows<Row>(await packages(), { columns: ['package_id', 'effort', 'last_updated'] }));

  await run();
  const before = await rows();
  await (await packages()).dropColumns(['effort']);
  await run();
  assert.deepEqual(await rows(), before);
  assert.ok(before.some(({ effort }) => effort > 0));
});
