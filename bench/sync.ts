/**
 * Sync up and down against a store on this machine, relative to a bare copy of the same files in the same run.
 *
 *   npx tsx bench/sync.ts [DATASET] [--rounds 3] [--mib 256] [--json]
 *
 * DATASET is a LanceDB directory; without one, files of random bytes are made, `--mib` in all: one of a quarter of that, the others
 * of 2 MiB. Needs versitygw or moto_server on PATH (see tests/support/s3-server.ts). A round copies, uploads to a prefix of its
 * own, publishes again with nothing changed, and downloads; the medians of the rounds' own ratios are told.
 */
import { randomFillSync } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exit, memoryUsage, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { publishDataset } from '../src/publish/dataset.ts';
import { localInventory } from '../src/publish/inventory.ts';
import { downloadDataset } from '../src/publish/sync-down.ts';
import type { StageContext } from '../src/report/event.ts';
import { publishOptions, targetAt, useTestCredentials } from '../tests/support/publish.ts';
import { findS3Server, startS3Server } from '../tests/support/s3-server.ts';
import { median } from './support/measure.ts';

interface Round {
  copy: number;
  up: number;
  again: number;
  down: number;
}

const context: StageContext = { signal: new AbortController().signal, report: () => undefined };
const mebibyte = 1 << 20;

/** Random bytes laid out like a dataset: a large file, many smaller ones, and a manifest. */
async function makeFiles(directory: string, mib: number): Promise<void> {
  const data = join(directory, 'random', 'data');
  await mkdir(data, { recursive: true });
  await mkdir(join(directory, 'random', '_versions'));
  await writeFile(
    join(directory, 'random', '_versions', '18446744073709551614.manifest'),
    'no manifest: bytes to move',
  );
  const large = Math.floor(mib / 4);
  const sizes = [large, ...Array.from({ length: Math.floor((mib - large) / 2) }, () => 2)];
  const buffer = Buffer.alloc(large * mebibyte);
  for (const [index, size] of sizes.entries()) {
    await writeFile(join(data, `${index}.lance`), randomFillSync(buffer.subarray(0, size * mebibyte)));
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function measureRound(directory: string, folder: string, endpoint: string, number: number): Promise<Round> {
  const target = targetAt(endpoint, 'bench', `${number}/data.lancedb`, { concurrency: 16 }, 60_000);
  const description = { schemaVersion: 1, revision: null, counts: {} };
  const publish = (): Promise<unknown> => publishDataset(target, directory, description, publishOptions, context);
  const [copied, down] = [join(folder, 'copy'), join(folder, 'down')];
  const round: Round = {
    copy: await seconds(() => cp(directory, copied, { recursive: true, dereference: true })),
    up: await seconds(publish),
    again: await seconds(publish),
    down: await seconds(() => downloadDataset(target, down, context)),
  };
  await Promise.all([copied, down].map((path) => rm(path, { recursive: true })));
  target.bucket.client.destroy();
  return round;
}

function line(label: string, value: string): string {
  return `${label.padEnd(28)} ${value}\n`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    mib: { type: 'string', default: '256' },
    json: { type: 'boolean', default: false },
  },
});
const found = await findS3Server();
if (found === null) {
  stderr.write('neither versitygw nor moto_server is on PATH\n');
  exit(2);
}
useTestCredentials();
const folder = await mkdtemp(join(tmpdir(), 'bench-sync-'));
const server = await startS3Server(found);
try {
  await server.createBucket('bench');
  const directory = positionals[0] ?? join(folder, 'made');
  if (positionals[0] === undefined) await makeFiles(directory, Number(values.mib));
  const files = await localInventory(directory, context.signal);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const rounds: Round[] = [];
  for (let number = 0; number < Number(values.rounds); number += 1)
    rounds.push(await measureRound(directory, folder, server.endpoint, number));
  const rate = (name: keyof Round): number => bytes / mebibyte / median(rounds.map((round) => round[name]));
  const ratio = (name: keyof Round): number => median(rounds.map((round) => round.copy / round[name]));
  const result = {
    server: server.name,
    files: files.length,
    bytes,
    rounds: rounds.length,
    copyMiBPerSecond: rate('copy'),
    upMiBPerSecond: rate('up'),
    downMiBPerSecond: rate('down'),
    upOfCopy: ratio('up'),
    downOfCopy: ratio('down'),
    unchangedSeconds: median(rounds.map(({ again }) => again)),
    peakMiB: memoryUsage.rss() / mebibyte,
  };
  if (values.json) stdout.write(`${JSON.stringify(result)}\n`);
  else {
    stdout.write(
      line(
        'files, MiB',
        `${result.files}, ${(bytes / mebibyte).toFixed(0)} (${result.server}, ${result.rounds} rounds)`,
      ) +
        line('bare copy', `${result.copyMiBPerSecond.toFixed(0)} MiB/s`) +
        line('sync up', `${result.upMiBPerSecond.toFixed(0)} MiB/s, ${result.upOfCopy.toFixed(2)} of the copy`) +
        line('sync down', `${result.downMiBPerSecond.toFixed(0)} MiB/s, ${result.downOfCopy.toFixed(2)} of the copy`) +
        line('publish with nothing changed', `${result.unchangedSeconds.toFixed(2)} s`) +
        line('memory at the end', `${result.peakMiB.toFixed(0)} MiB`),
    );
  }
} finally {
  await server.close();
  await rm(folder, { recursive: true });
}
