import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { publishDataset, standingOf } from '../../src/publish/dataset.ts';
import { readLatest } from '../../src/publish/latest.ts';
import { listObjects } from '../../src/publish/s3-objects.ts';
import { downloadDataset } from '../../src/publish/sync-down.ts';
import { rollback } from '../../src/publish/rollback.ts';
import { appendTokens, open, prune, readTokens, writeTokens } from '../support/lance-dataset.ts';
import {
  lanceOptions,
  listening,
  publishOptions,
  targetAt,
  temporary,
  useTestCredentials,
} from '../support/publish.ts';
import { findS3Servers, startS3Server, type S3Server } from '../support/s3-server.ts';

const installed = await findS3Servers();
useTestCredentials();

test(
  'an S3 server of others is installed',
  { skip: installed.length > 0 || process.env['CI'] ? false : 'neither versitygw nor moto_server is installed' },
  () => {
    assert.ok(installed.length > 0);
  },
);

for (const found of installed) {
  describe(`publishing to ${found.name}`, () => {
    let server: S3Server;
    before(async () => {
      server = await startS3Server(found);
      await server.createBucket('fdnix-artifacts');
    });
    after(() => server.close());

    test('publishes, sends only what changed, serves readers of latest.json and of the prefix, downloads, rolls back', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(server.endpoint, 'fdnix-artifacts', 'cycle/fdnix-data.lancedb');
      const description = { schemaVersion: 1, revision: 'a'.repeat(40), counts: { packages: 100 } };

      await writeTokens(local, 1, 100);
      const context = listening();
      const strict = { ...publishOptions, conditionalWrites: 'require' as const };
      const first = await publishDataset(target, local, description, strict, context);
      assert.equal(first.status, 'published', 'the store has conditional writes');
      assert.deepEqual(await standingOf(target, local, context), { status: 'current' });
      assert.equal(first.uploadedFiles, first.files);
      assert.equal(first.uploadedBytes, first.bytes);

      const again = await publishDataset(target, local, description, publishOptions, listening());
      assert.deepEqual([again.status, again.uploadedFiles, again.unchangedFiles], ['unchanged', 0, first.files]);

      await writeTokens(local, 2, 120);
      const second = await publishDataset(
        target,
        local,
        { ...description, counts: { packages: 120 } },
        publishOptions,
        listening(),
      );
      assert.equal(second.uploadedFiles, 6, 'data, transaction and manifest of two tables');
      assert.equal(second.unchangedFiles + second.uploadedFiles, second.files);

      const latest = await readLatest(target.bucket, 'cycle/fdnix-data.latest.json', AbortSignal.timeout(5000));
      assert.deepEqual(latest?.latest.tables, { packages: 2, dependencies: 2 });
      assert.equal(latest?.latest.others.length, 1);
      const db = await open(`s3://fdnix-artifacts/${latest?.latest.prefix}`, lanceOptions(server.endpoint));
      assert.deepEqual(await readTokens(db, 'packages', null), { tokens: [2], rows: 120 });
      assert.deepEqual(await readTokens(db, 'dependencies', 2), { tokens: [2], rows: 240 });

      const down = join(folder, 'down.lancedb');
      const download = await downloadDataset(target, down, listening());
      assert.equal(download?.files, second.files);
      assert.deepEqual(await readTokens(await open(down), 'packages', null), { tokens: [2], rows: 120 });
      await assert.rejects(downloadDataset(target, down, listening()), /exists; a download never replaces/);

      const { to } = await rollback(target, publishOptions, listening());
      assert.deepEqual(to.tables, { packages: 1, dependencies: 1 });
      assert.deepEqual(await readTokens(db, 'packages', to.tables['packages'] ?? null), { tokens: [1], rows: 100 });
      await assert.rejects(rollback(target, publishOptions, listening()), /no earlier snapshot is kept/);
      assert.equal((await standingOf(target, local, listening())).status, 'withdrawn');
      assert.equal((await publishDataset(target, local, description, publishOptions, listening())).status, 'published');
      assert.equal((await standingOf(target, local, listening())).status, 'current');
    });

    test('what was rolled back is remembered when its files are gone', async (t) => {
      const folder = await temporary(t);
      const [local, bad] = [join(folder, 'data.lancedb'), join(folder, 'bad.lancedb')];
      const target = targetAt(server.endpoint, 'fdnix-artifacts', 'withdrawn/{date}/fdnix-data.lancedb');
      const description = { schemaVersion: 1, revision: null, counts: {} };
      const options = { ...publishOptions, graceMinutes: 0 };
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, description, options, listening());
      await writeTokens(bad, 7, 10);
      const { uri } = await publishDataset(target, bad, description, options, listening());
      await rollback(target, options, listening());
      await writeTokens(local, 2, 10);
      assert.ok((await publishDataset(target, local, description, options, listening())).deletedFiles > 0);
      const prefix = uri.slice('s3://fdnix-artifacts/'.length);
      assert.deepEqual(await listObjects(target.bucket, `${prefix}/`, AbortSignal.timeout(5000)), []);
      assert.equal((await standingOf(target, bad, listening())).status, 'withdrawn');
    });

    test('deletes what nobody is sent to any more, only when the grace has passed, manifests first', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(server.endpoint, 'fdnix-artifacts', 'grace/fdnix-data.lancedb');
      const description = { schemaVersion: 1, revision: null, counts: {} };
      const options = { ...publishOptions, keep: 1 };
      await writeTokens(local, 1, 50);
      await publishDataset(target, local, description, options, listening());
      const old = (await listObjects(target.bucket, 'grace/fdnix-data.lancedb/', AbortSignal.timeout(5000))).map(
        ({ key }) => key,
      );
      await writeTokens(local, 2, 50);
      await prune(local);
      const second = await publishDataset(target, local, description, options, listening());
      assert.equal(second.deletedFiles, 0);
      await writeTokens(local, 3, 50);
      await prune(local);
      const third = await publishDataset(target, local, description, { ...options, graceMinutes: 0 }, listening());
      assert.ok(third.deletedFiles >= 6, `${third.deletedFiles} files deleted`);
      const left = new Set(
        (await listObjects(target.bucket, 'grace/fdnix-data.lancedb/', AbortSignal.timeout(5000))).map(
          ({ key }) => key,
        ),
      );
      assert.deepEqual(
        old.filter((key) => left.has(key) && !key.includes('__manifest')),
        [],
      );
      assert.equal(left.size, third.files);
      const db = await open('s3://fdnix-artifacts/grace/fdnix-data.lancedb', lanceOptions(server.endpoint));
      assert.deepEqual(await readTokens(db, 'packages', null), { tokens: [3], rows: 50 });
    });

    test('gives a dated prefix to each day, copies what stayed, and takes another name for another history', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(server.endpoint, 'fdnix-artifacts', 'dated/{revision}/fdnix-data.lancedb');
      const description = { schemaVersion: 1, revision: 'r1', counts: {} };
      await writeTokens(local, 1, 50);
      const first = await publishDataset(target, local, description, publishOptions, listening());
      assert.equal(first.uri, 's3://fdnix-artifacts/dated/r1/fdnix-data.lancedb');
      await appendTokens(local, 1, 50);
      const second = await publishDataset(
        target,
        local,
        { ...description, revision: 'r2' },
        publishOptions,
        listening(),
      );
      assert.equal(second.copiedFiles, 3, 'the data of two tables that stayed, and the transaction of the catalogue');
      assert.equal(second.uploadedFiles + second.copiedFiles, second.files);
      const named = join(folder, 'named.lancedb');
      await downloadDataset(target, named, listening(), 'r1');
      assert.deepEqual(await readTokens(await open(named), 'packages', null), { tokens: [1], rows: 50 });
      await assert.rejects(
        downloadDataset(target, join(folder, 'none.lancedb'), listening(), 'r7'),
        /no snapshot 'r7'; there are dated\/r2.*dated\/r1/,
      );
      await rm(local, { recursive: true });
      await writeTokens(local, 7, 50);
      await writeTokens(local, 8, 50);
      const third = await publishDataset(
        target,
        local,
        { ...description, revision: 'r2' },
        publishOptions,
        listening(),
      );
      assert.equal(third.uri, 's3://fdnix-artifacts/dated/r2-2/fdnix-data.lancedb');
    });

    test('refuses another history at a fixed prefix, and a dataset that others put there', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(server.endpoint, 'fdnix-artifacts', 'fixed/fdnix-data.lancedb');
      const description = { schemaVersion: 1, revision: null, counts: {} };
      await writeTokens(local, 1, 50);
      await publishDataset(target, local, description, publishOptions, listening());
      await rm(local, { recursive: true });
      await writeTokens(local, 2, 50);
      await assert.rejects(
        publishDataset(target, local, description, publishOptions, listening()),
        /version 1 of table dependencies is published with another content/,
      );
      await server.client.send(
        new (await import('@aws-sdk/client-s3')).PutObjectCommand({
          Bucket: 'fdnix-artifacts',
          Key: 'foreign/fdnix-data.lancedb/packages.lance/data/1.lance',
          Body: 'x',
        }),
      );
      const foreign = targetAt(server.endpoint, 'fdnix-artifacts', 'foreign/fdnix-data.lancedb');
      await assert.rejects(
        publishDataset(foreign, local, description, publishOptions, listening()),
        /fdnix-indexer did not publish it/,
      );
    });
  });
}
