/**
 * Sync up and down against a store on this machine, relative to a bare copy of the same files in the same run.
 *
 *   npx tsx bench/sync.ts [DATASET] [--rounds 3] [--mib 256] [--json]
 *
 * DATASET is a LanceDB directory; without one, files of random bytes are made, `--mib` in all: one of a quarter of that, the others
 * of 2 MiB. Needs versitygw or moto_server on PATH (see tests/support/s3-server.ts). A round copies, uploads to a prefix of its
 * own, publishes again with nothing changed, and downloads; then a plain loop over the SDK's PutObject and GetObject moves the same
 * files, as many at a time, without checks, order or inventory. The medians of the rounds' own ratios are told, and processor seconds.
 */
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomFillSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cpuUsage, exit, memoryUsage, stderr, stdout } from 'node:process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { publishDataset } from '../src/publish/dataset.ts';
import { localInventory, type FileEntry } from '../src/publish/inventory.ts';
import type { Bucket } from '../src/publish/s3-client.ts';
import { downloadDataset } from '../src/publish/sync-down.ts';
import { inWindow } from '../src/publish/window.ts';
import type { StageContext } from '../src/report/event.ts';
import { publishOptions, targetAt, useTestCredentials } from '../tests/support/publish.ts';
import { findS3Server, startS3Server } from '../tests/support/s3-server.ts';
import { median } from './support/measure.ts';

interface Measured {
  seconds: number;
  /** Processor seconds of this process, user and system. */
  cpu: number;
}

type Step = 'copy' | 'up' | 'plainUp' | 'again' | 'down' | 'plainDown';
type Round = Record<Step, Measured>;

const context: StageContext = { signal: new AbortController().signal, report: () => undefined };
const mebibyte = 1 << 20;
const concurrency = 16;

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

async function measured(work: () => Promise<unknown>): Promise<Measured> {
  const [start, cpu] = [performance.now(), cpuUsage()];
  await work();
  const { user, system } = cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/** What anyone would write first: each file read whole and put. */
async function plainUp({ client, name }: Bucket, directory: string, files: FileEntry[]): Promise<void> {
  await inWindow(files, concurrency, context.signal, async ({ path }) => {
    const body = await readFile(join(directory, path));
    await client.send(new PutObjectCommand({ Bucket: name, Key: `plain/${path}`, Body: body }));
  });
}

/** Each object streamed into a file. */
async function plainDown({ client, name }: Bucket, directory: string, files: FileEntry[]): Promise<void> {
  await inWindow(files, concurrency, context.signal, async ({ path }) => {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key: `plain/${path}` }));
    await pipeline(Body as Readable, createWriteStream(file));
  });
}

async function measureRound(
  { directory, files }: { directory: string; files: FileEntry[] },
  folder: string,
  endpoint: string,
  number: number,
): Promise<Round> {
  const target = targetAt(endpoint, 'bench', `${number}/data.lancedb`, { concurrency }, 60_000);
  const description = { schemaVersion: 1, revision: null, counts: {} };
  const publish = (): Promise<unknown> => publishDataset(target, directory, description, publishOptions, context);
  const [copied, down, plain] = [join(folder, 'copy'), join(folder, 'down'), join(folder, 'plain')];
  const round: Round = {
    copy: await measured(() => cp(directory, copied, { recursive: true, dereference: true })),
    plainUp: await measured(() => plainUp(target.bucket, directory, files)),
    up: await measured(publish),
    again: await measured(publish),
    plainDown: await measured(() => plainDown(target.bucket, plain, files)),
    down: await measured(() => downloadDataset(target, down, context)),
  };
  await Promise.all([copied, down, plain].map((path) => rm(path, { recursive: true })));
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
    rounds.push(await measureRound({ directory, files }, folder, server.endpoint, number));
  const rate = (step: Step): number => bytes / mebibyte / median(rounds.map((round) => round[step].seconds));
  const cpu = (step: Step): number => median(rounds.map((round) => round[step].cpu));
  const ratio = (step: Step, to: Step): number =>
    median(rounds.map((round) => round[to].seconds / round[step].seconds));
  const result = {
    server: server.name,
    files: files.length,
    bytes,
    rounds: rounds.length,
    copyMiBPerSecond: rate('copy'),
    upMiBPerSecond: rate('up'),
    upOfCopy: ratio('up', 'copy'),
    upOfPlain: ratio('up', 'plainUp'),
    upCpuSeconds: cpu('up'),
    plainUpCpuSeconds: cpu('plainUp'),
    downMiBPerSecond: rate('down'),
    downOfCopy: ratio('down', 'copy'),
    downOfPlain: ratio('down', 'plainDown'),
    downCpuSeconds: cpu('down'),
    plainDownCpuSeconds: cpu('plainDown'),
    unchangedSeconds: median(rounds.map(({ again }) => again.seconds)),
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
        line(
          'sync up',
          `${result.upMiBPerSecond.toFixed(0)} MiB/s: ${result.upOfCopy.toFixed(2)} of the copy, ${result.upOfPlain.toFixed(2)} of the plain loop; ` +
            `${result.upCpuSeconds.toFixed(2)} processor seconds, the plain loop ${result.plainUpCpuSeconds.toFixed(2)}`,
        ) +
        line(
          'sync down',
          `${result.downMiBPerSecond.toFixed(0)} MiB/s: ${result.downOfCopy.toFixed(2)} of the copy, ${result.downOfPlain.toFixed(2)} of the plain loop; ` +
            `${result.downCpuSeconds.toFixed(2)} processor seconds, the plain loop ${result.plainDownCpuSeconds.toFixed(2)}`,
        ) +
        line('publish with nothing changed', `${result.unchangedSeconds.toFixed(2)} s`) +
        line('memory at the end', `${result.peakMiB.toFixed(0)} MiB`),
    );
  }
} finally {
  await server.close();
  await rm(folder, { recursive: true });
}
