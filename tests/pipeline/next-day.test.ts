import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultRates, nextDay, type ChangeList } from '../../bench/next-day.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { scanRows } from '../../src/store/scan.ts';
import { runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { linuxRecording, noRecording } from '../support/recording.ts';

const sample = fileURLToPath(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url));

type Hashes = Map<string, string>;

async function index(recording: string, folder: string, ...more: string[]): Promise<void> {
  const settings = ['nixpkgs.source=jsonl', `nixpkgs.path=${recording}`, `output.path=${join(folder, 'data.lancedb')}`];
  const args = ['run', '--mode', 'metadata', '--force', ...settings.flatMap((one) => ['--set', one]), ...more];
  const { code, stderr } = await runCli(args, { cwd: folder, timeout: 300_000 });
  assert.equal(code, 0, stderr);
}

/** What each row of a table is known by, and the hash of the rest. */
async function hashesOf(folder: string, table: string, columns: string[]): Promise<Hashes> {
  const opened = await openTable(await connectDataset(join(folder, 'data.lancedb')), table);
  const hashes: Hashes = new Map();
  for await (const row of scanRows<Record<string, unknown>>(opened, { columns: ['package_id', ...columns] })) {
    hashes.set(String(row['package_id']), columns.map((column) => String(row[column])).join(' '));
  }
  return hashes;
}

function differences(before: Hashes, after: Hashes) {
  return {
    changed: [...before.keys()].filter((id) => after.has(id) && after.get(id) !== before.get(id)).toSorted(),
    added: [...after.keys()].filter((id) => !before.has(id)).toSorted(),
    removed: [...before.keys()].filter((id) => !after.has(id)).toSorted(),
  };
}

const none = { changed: [], added: [], removed: [] };

/** Indexes a recording twice, then its next day: only the rows of the generator's list may change. */
async function follow(
  recording: string,
  folder: string,
  makeNext: (out: string) => Promise<ChangeList>,
): Promise<void> {
  const snapshot = async () => ({
    packages: await hashesOf(folder, 'packages', ['row_hash', 'last_updated']),
    dependencies: await hashesOf(folder, 'dependencies', ['row_hash']),
  });
  await index(recording, folder);
  const first = await snapshot();
  await index(recording, folder);
  const again = await snapshot();
  assert.deepEqual(differences(first.packages, again.packages), none, 'packages of a second run');
  assert.deepEqual(differences(first.dependencies, again.dependencies), none, 'dependencies of a second run');
  const next = join(folder, 'next.jsonl');
  const { changed, added, removed, dependencies } = await makeNext(next);
  await index(next, folder);
  const second = await snapshot();
  assert.deepEqual(differences(again.packages, second.packages), { changed, added, removed });
  assert.deepEqual(differences(again.dependencies, second.dependencies), dependencies);
}

test('a second run changes no row, the next day exactly those that it should', async (t) => {
  const rates = { bump: 0.02, describe: 0.03, add: 0.03, remove: 0.03 };
  await follow(sample, await temporaryDirectory(t), (out) => nextDay(sample, out, 4, rates));
});

test('a small difference changes few rows in the same way', async (t) => {
  const rates = { bump: 0.005, describe: 0.01, add: 0, remove: 0.01 };
  await follow(sample, await temporaryDirectory(t), (out) => nextDay(sample, out, 9, rates));
});

const skipped = noRecording || (process.env['FDNIX_LONG_TESTS'] ? false : 'takes minutes; set FDNIX_LONG_TESTS');

test('the same for all of nixpkgs', { skip: skipped }, async (t) => {
  await follow(linuxRecording, await temporaryDirectory(t), (out) => nextDay(linuxRecording, out, 1, defaultRates));
});
