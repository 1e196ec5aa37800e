import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { defaultRates, nextDay } from '../../bench/next-day.ts';
import { localInventory } from '../../src/publish/inventory.ts';
import type { PublishSummary } from '../../src/publish/publish.ts';
import { downloadDataset } from '../../src/publish/sync-down.ts';
import { verifyDataset } from '../../src/store/verify/verify.ts';
import { runCli } from '../support/cli.ts';
import { startLambdaServer } from '../support/lambda-server.ts';
import { listening, targetAt, temporary, useTestCredentials } from '../support/publish.ts';
import { linuxRecording, noRecording } from '../support/recording.ts';
import { findS3Servers, startS3Server, testCredentials } from '../support/s3-server.ts';

const skipped = noRecording || (process.env['FDNIX_LONG_TESTS'] ? false : 'takes minutes; set FDNIX_LONG_TESTS');
const installed = await findS3Servers();
const signal = new AbortController().signal;
const bucket = 'fdnix-artifacts';
useTestCredentials();

/** Runs the tool in a folder; answers what it printed. */
async function run(cwd: string, ...args: string[]): Promise<string> {
  const env = {
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const { code, stdout, stderr } = await runCli(args, { cwd, env, timeout: 400_000 });
  assert.equal(code, 0, stderr);
  return stdout;
}

function hits(text: string): string[] {
  return (JSON.parse(text) as { hits: { attribute_path: string }[] }).hits.map(({ attribute_path: path }) => path);
}

async function configure(folder: string, recording: string, more: object = {}): Promise<void> {
  const output = { path: resolve(folder, '../data.lancedb'), minifiedPath: resolve(folder, '../fdnix.lancedb') };
  const config = { nixpkgs: { source: 'jsonl', path: recording }, output, embedding: { provider: 'none' }, ...more };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'fdnix.config.json'), JSON.stringify(config));
}

test(
  'all of nixpkgs: published, found again on S3, downloaded, as a layer; then its next day',
  { skip: skipped, timeout: 900_000 },
  async (t) => {
    assert.ok(installed.length > 0, 'an S3 server of others is installed');
    const root = await temporary(t);
    const plain = join(root, 'plain');
    await configure(plain, linuxRecording);
    await run(plain, 'run');
    const local = await run(plain, 'search', 'web server', '--json');
    const publishers: { name: string; publish: () => Promise<PublishSummary> }[] = [];
    for (const found of installed) {
      const server = await startS3Server(found);
      t.after(() => server.close());
      await server.createBucket(bucket);
      const lambda = await startLambdaServer('fdnix', async (name, key) => {
        const reply = await server.client.send(new GetObjectCommand({ Bucket: name, Key: key }));
        return (await reply.Body?.transformToByteArray()) ?? new Uint8Array();
      });
      t.after(() => lambda.close());
      const folder = join(root, found.name);
      await configure(folder, linuxRecording, {
        aws: { endpoints: { s3: server.endpoint, lambda: lambda.endpoint } },
        s3: {
          bucket,
          dataKey: 'all/fdnix-data.lancedb',
          minifiedKey: 'all/fdnix.lancedb',
          dependencyKey: 'all/dependencies.json',
          dependencyCompression: 'gzip',
        },
        layer: { publish: true, arn: 'fdnix' },
      });
      const publish = async (): Promise<PublishSummary> =>
        JSON.parse(await run(folder, 'publish', '--json')) as PublishSummary;

      const first = await publish();
      assert.deepEqual(
        [first.datasets.main?.status, first.datasets.minified?.status, first.layer?.status],
        ['published', 'published', 'published'],
      );
      assert.ok((first.layer?.unzipped ?? Infinity) <= 60_000_000);
      const again = await publish();
      assert.deepEqual(
        [
          again.datasets.main?.uploadedFiles,
          again.datasets.minified?.uploadedFiles,
          again.dependencies?.status,
          again.layer?.status,
        ],
        [0, 0, 'unchanged', 'unchanged'],
      );

      const remote = await run(
        folder,
        'search',
        'web server',
        '--json',
        '--dataset',
        `s3://${bucket}/all/fdnix.lancedb`,
      );
      assert.deepEqual(hits(remote), hits(local));

      const down = join(root, `${found.name}.lancedb`);
      await downloadDataset(targetAt(server.endpoint, bucket, 'all/fdnix-data.lancedb'), down, listening());
      assert.deepEqual(await localInventory(down, signal), await localInventory(join(root, 'data.lancedb'), signal));
      const { ok, checks } = await verifyDataset(down);
      assert.ok(ok, JSON.stringify(checks));
      await rm(down, { recursive: true });
      const { main, minified } = first.datasets;
      t.diagnostic(
        `${found.name}: ${main?.bytes} bytes main, ${minified?.bytes} minified, layer ${first.layer?.zipped} zipped and ${first.layer?.unzipped} unzipped`,
      );
      publishers.push({ name: found.name, publish });
    }

    const before = await localInventory(join(root, 'data.lancedb'), signal);
    const next = join(root, 'next.jsonl');
    const { changed, added, removed, dependencies } = await nextDay(linuxRecording, next, 1, defaultRates);
    await configure(plain, next);
    await run(plain, 'run', '--mode', 'metadata');
    const after = await localInventory(join(root, 'data.lancedb'), signal);
    const known = new Set(before.map(({ path, sha256 }) => `${path} ${sha256}`));
    const newBytes = after
      .filter(({ path, sha256 }) => !known.has(`${path} ${sha256}`))
      .reduce((sum, { size }) => sum + size, 0);
    const bytes = after.reduce((sum, { size }) => sum + size, 0);
    const rows = changed.length + added.length + removed.length;
    for (const { name, publish } of publishers) {
      const { datasets } = await publish();
      const sent = datasets.main?.uploadedBytes ?? 0;
      assert.equal(sent, newBytes, 'exactly the bytes of the files that are new');
      t.diagnostic(
        `${name}, next day: ${sent} of ${bytes} bytes sent (${((100 * sent) / bytes).toFixed(1)} %) for ${rows} packages (${((100 * rows) / 89_764).toFixed(1)} %) and ` +
          `${dependencies.changed.length} rows of dependencies that changed`,
      );
    }
  },
);
