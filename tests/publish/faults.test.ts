import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import { publishDataset } from '../../src/publish/dataset.ts';
import { parseLatest } from '../../src/publish/latest.ts';
import { getText, listObjects, putObject } from '../../src/publish/s3-objects.ts';
import { downloadFile, uploadFile } from '../../src/publish/s3-transfer.ts';
import { downloadDataset } from '../../src/publish/sync-down.ts';
import {
  accessDenied,
  atRate,
  expiredToken,
  internalError,
  slowDown,
  startFaultProxy,
  type FaultProxy,
  type FaultRule,
  type ProxiedRequest,
} from '../support/fault-proxy.ts';
import { appendTokens, open, readTokens, writeTokens } from '../support/lance-dataset.ts';
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

const description = { schemaVersion: 1, revision: null, counts: {} };
const bucketName = 'fdnix-artifacts';

/** A rule that applies a fault to the first request of each key that a test selects. */
function firstOf(selects: (request: ProxiedRequest) => boolean, fault: ReturnType<FaultRule>): FaultRule {
  const seen = new Set<string>();
  return (request) => {
    if (!selects(request) || seen.has(request.path)) return null;
    seen.add(request.path);
    return fault;
  };
}

// Both are gone through in CI; elsewhere the first tells enough.
for (const found of process.env['CI'] ? installed : installed.slice(0, 1)) {
  describe(`faults in front of ${found.name}`, () => {
    let server: S3Server;
    let proxy: FaultProxy;
    before(async () => {
      server = await startS3Server(found);
      await server.createBucket(bucketName);
      proxy = await startFaultProxy(server.endpoint);
    });
    beforeEach(() => {
      proxy.setRule(null);
      proxy.dropHeaders.clear();
    });
    after(async () => {
      await proxy.close();
      await server.close();
    });

    test('a fifth of all requests fails, and the dataset arrives whole both ways', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'fifth/data.lancedb', { maxAttempts: 8 });
      proxy.setRule(atRate(0.2, 7));
      for (const token of [1, 2]) {
        await writeTokens(local, token, 2000);
        assert.equal(
          (await publishDataset(target, local, description, publishOptions, listening())).status,
          'published',
        );
      }
      await downloadDataset(target, join(folder, 'down.lancedb'), listening());
      assert.ok(proxy.counters.faults > 5, `${proxy.counters.faults} faults`);
      assert.deepEqual(await readTokens(await open(join(folder, 'down.lancedb')), 'packages', null), {
        tokens: [2],
        rows: 2000,
      });
    });

    test('replies to conditional writes get lost: what is there is recognised as our own', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'lost/data.lancedb');
      await writeTokens(local, 1, 10);
      proxy.setRule(
        firstOf(({ method, path }) => method === 'PUT' && /manifest$|json$/.test(path), { kind: 'lostReply' }),
      );
      const { status } = await publishDataset(target, local, description, publishOptions, listening());
      assert.equal(status, 'published');
      assert.ok(proxy.counters.faults >= 4);
    });

    test('an interrupted upload leaves latest.json, and the next one sends only the rest', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'killed/data.lancedb', { concurrency: 1 });
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, description, publishOptions, listening());
      const latest = await getText(target.bucket, 'killed/data.latest.json', AbortSignal.timeout(5000));
      for (let token = 2; token < 6; token += 1) await appendTokens(local, token, 10);
      const controller = new AbortController();
      let puts = 0;
      proxy.setRule(({ method, path }) => {
        if (method === 'PUT' && path.includes('.lance/') && (puts += 1) > 5) controller.abort(new Error('killed'));
        return null;
      });
      await assert.rejects(
        publishDataset(target, local, description, publishOptions, listening(controller.signal)),
        /killed/,
      );
      assert.deepEqual(
        (await getText(target.bucket, 'killed/data.latest.json', AbortSignal.timeout(5000)))?.text,
        latest?.text,
      );
      proxy.setRule(null);
      const rest = await publishDataset(target, local, description, publishOptions, listening());
      // Eight files of data, two transactions and two manifests are new.
      assert.ok(rest.uploadedFiles < 9 && rest.uploadedFiles > 2, `${rest.uploadedFiles} files`);
      assert.equal(rest.unchangedFiles + rest.uploadedFiles, rest.files);
    });

    test('a broken download goes on where it stopped', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'resume/data.lancedb', { concurrency: 1, maxAttempts: 2 });
      await writeTokens(local, 1, 20_000);
      const { bytes } = await publishDataset(target, local, description, publishOptions, listening());
      const down = join(folder, 'down.lancedb');
      let data = 0;
      proxy.setRule(({ method, path }) =>
        method === 'GET' && path.includes('.lance/') && (data += 1) > 2 ? { kind: 'reset' } : null,
      );
      await assert.rejects(
        downloadDataset(target, down, listening()),
        /connection failed after 2 tries.*aws.endpoints.s3/,
      );
      assert.equal(existsSync(down), false);
      proxy.setRule(null);
      const rest = await downloadDataset(target, down, listening());
      assert.ok((rest?.downloadedBytes ?? bytes) < bytes);
      assert.deepEqual(await readTokens(await open(down), 'packages', null), { tokens: [1], rows: 20_000 });
    });

    const errors: [string, FaultRule, RegExp][] = [
      [
        'no permission to list',
        ({ query }) => (query.has('list-type') ? accessDenied : null),
        /no permission for s3:ListBucket on arn:aws:s3:::fdnix-artifacts: allow it/,
      ],
      [
        'no permission to write',
        ({ method, path }) => (method === 'PUT' && path.endsWith('.lance') ? accessDenied : null),
        /no permission for s3:PutObject on arn:aws:s3:::fdnix-artifacts\/errors\/data.lancedb\/.*\.lance/,
      ],
      [
        'credentials that expired for good',
        ({ path }) => (path.endsWith('.txn') ? expiredToken : null),
        /credentials expired and no newer ones were found; renew them and run again/,
      ],
      [
        'a bucket in another region',
        () => ({
          kind: 'answer',
          status: 301,
          code: 'PermanentRedirect',
          headers: { 'x-amz-bucket-region': 'eu-west-3' },
        }),
        /the bucket is in region eu-west-3, the client was set to us-east-1; set aws.region to eu-west-3/,
      ],
      [
        'a signature for another region',
        () => ({
          kind: 'answer',
          status: 400,
          code: 'AuthorizationHeaderMalformed',
          message: "the region 'us-east-1' is wrong; expecting 'eu-west-3'",
          extra: '<Region>eu-west-3</Region>',
        }),
        /in region eu-west-3.*set aws.region to eu-west-3/,
      ],
      [
        'no bucket',
        () => ({ kind: 'answer', status: 404, code: 'NoSuchBucket' }),
        /there is no such bucket; check s3.bucket/,
      ],
      [
        'throttling without end',
        ({ method }) => (method === 'PUT' ? slowDown : null),
        /the service still throttles after 2 tries/,
      ],
      [
        'errors without end',
        ({ method }) => (method === 'PUT' ? internalError : null),
        /the service answers 500 InternalError after 2 tries/,
      ],
      ['no answer', ({ method }) => (method === 'PUT' ? { kind: 'hang' } : null), /no answer in time after 2 tries/],
    ];
    for (const [name, rule, message] of errors) {
      test(`${name}: one clear error, and nothing is published`, async (t) => {
        const local = join(await temporary(t), 'data.lancedb');
        const target = targetAt(proxy.endpoint, bucketName, 'errors/data.lancedb', { maxAttempts: 2 }, 300);
        await writeTokens(local, 1, 10);
        proxy.setRule(rule);
        await assert.rejects(
          publishDataset(target, local, description, { ...publishOptions, lockTtl: 300 }, listening()),
          message,
        );
        proxy.setRule(null);
        assert.equal(await getText(target.bucket, 'errors/data.latest.json', AbortSignal.timeout(5000)), null);
      });
    }

    test('credentials that expire in mid-run are asked for again', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'renewed/data.lancedb');
      await writeTokens(local, 1, 10);
      proxy.setRule(firstOf(({ path }) => path.endsWith('.txn'), expiredToken));
      assert.equal((await publishDataset(target, local, description, publishOptions, listening())).status, 'published');
    });

    test('without permission to delete everything else happens, and that is said', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'keep-all/data.lancedb');
      const options = { ...publishOptions, keep: 1, graceMinutes: 0 };
      proxy.setRule(({ method, query }) => (method === 'POST' && query.has('delete') ? accessDenied : null));
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, description, options, listening());
      await putObject(
        target.bucket,
        'keep-all/data.lancedb/packages.lance/data/left-over.lance',
        Buffer.from('x'),
        {},
        AbortSignal.timeout(5000),
      );
      await writeTokens(local, 2, 10);
      const context = listening();
      assert.equal((await publishDataset(target, local, description, options, context)).status, 'published');
      assert.match(
        JSON.stringify(context.events),
        /files of earlier snapshots stay: no permission for s3:DeleteObject on arn:aws:s3:::fdnix-artifacts\//,
      );
    });

    test('manifests are deleted in a call of their own, before the files that they name', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'order/data.lancedb');
      const options = { ...publishOptions, keep: 1, graceMinutes: 0 };
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, description, options, listening());
      const paths = async (): Promise<string[]> =>
        (await listObjects(target.bucket, 'order/data.lancedb/', AbortSignal.timeout(5000))).map(({ key }) => key);
      const old = await paths();
      let calls = 0;
      proxy.setRule(({ method, query }) => {
        if (method !== 'POST' || !query.has('delete')) return null;
        calls += 1;
        return calls > 1 ? accessDenied : null;
      });
      await writeTokens(local, 2, 10);
      await publishDataset(target, local, description, options, listening());
      assert.equal(calls, 2);
      const left = new Set(await paths());
      const [gone, kept] = [old.filter((key) => !left.has(key)), old.filter((key) => left.has(key))];
      assert.equal(gone.length, 2);
      assert.ok(gone.every((key) => key.endsWith('.manifest')));
      assert.ok(kept.some((key) => key.includes('/data/')));
    });

    const unchecked = found.name === 'moto_server' && 'moto looks at no signature';
    test(
      'a file whose bytes are not those of the inventory is refused by the store',
      { skip: unchecked },
      async (t) => {
        const file = join(await temporary(t), 'data');
        await writeFile(file, 'after');
        const entry = { path: 'data', size: 5, sha256: createHash('sha256').update('befor').digest('hex') };
        const { bucket } = targetAt(proxy.endpoint, bucketName, 'x');
        await assert.rejects(
          uploadFile(bucket, 'changed/data', file, entry, AbortSignal.timeout(5000)),
          /s3:PutObject/,
        );
        assert.equal(await getText(bucket, 'changed/data', AbortSignal.timeout(5000)), null);
      },
    );

    test('of two publishers one wins and the other says so; nothing is mixed', async (t) => {
      const folder = await temporary(t);
      const [left, right] = [join(folder, 'left.lancedb'), join(folder, 'right.lancedb')];
      const target = targetAt(proxy.endpoint, bucketName, 'two/data.lancedb');
      await writeTokens(left, 1, 10);
      await publishDataset(target, left, description, publishOptions, listening());
      await cp(left, right, { recursive: true });
      await writeTokens(left, 2, 20);
      await writeTokens(right, 3, 30);
      const outcomes = await Promise.allSettled(
        [left, right].map((local) =>
          publishDataset(target, local, description, { ...publishOptions, lockTtl: 60_000 }, listening()),
        ),
      );
      const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
      assert.equal(failed.length, 1);
      assert.match(failed[0] ?? '', /another publisher|was not made from/);
      const down = join(folder, 'down.lancedb');
      await downloadDataset(target, down, listening());
      const db = await open(down);
      const [packages, dependencies] = [
        await readTokens(db, 'packages', null),
        await readTokens(db, 'dependencies', null),
      ];
      assert.deepEqual(packages.tokens, dependencies.tokens);
      assert.equal(packages.rows * 2, dependencies.rows);
    });

    test('a publisher that stood still while another took over stops before its manifests', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'zombie/data.lancedb', { concurrency: 1 });
      const direct = targetAt(server.endpoint, bucketName, 'zombie/data.lancedb');
      await writeTokens(local, 1, 10);
      const claim = {
        token: 'other',
        host: 'elsewhere',
        pid: 1,
        since: '2026-01-01T00:00:00Z',
        beat: 0,
        released: false,
      };
      let taken: Promise<unknown> | undefined;
      proxy.setRule(({ method, path }) => {
        if (method !== 'PUT' || !path.endsWith('.txn')) return null;
        taken ??= putObject(
          direct.bucket,
          'zombie/data.publisher.json',
          Buffer.from(JSON.stringify(claim)),
          {},
          AbortSignal.timeout(5000),
        );
        return null;
      });
      await assert.rejects(
        publishDataset(target, local, description, { ...publishOptions, lockTtl: 60_000 }, listening()),
        /another publisher took over/,
      );
      await taken;
      const objects = await listObjects(direct.bucket, 'zombie/data.lancedb/', AbortSignal.timeout(5000));
      assert.deepEqual(
        objects.filter(({ key }) => key.endsWith('.manifest')),
        [],
      );
    });

    test('manifests that a dead publisher of another machine left are replaced, and newer ones taken away', async (t) => {
      const folder = await temporary(t);
      const [left, right] = [join(folder, 'left.lancedb'), join(folder, 'right.lancedb')];
      const target = targetAt(proxy.endpoint, bucketName, 'orphans/data.lancedb', { concurrency: 1 });
      await writeTokens(left, 1, 10);
      await publishDataset(target, left, description, publishOptions, listening());
      await cp(left, right, { recursive: true });
      for (const token of [2, 3]) await writeTokens(left, token, 20);
      await writeTokens(right, 4, 30);
      const controller = new AbortController();
      // Dies after its first manifest: version 3 of one table.
      proxy.setRule(({ method, path }) => {
        if (method === 'PUT' && path.endsWith('.manifest')) setTimeout(() => controller.abort(new Error('died')), 20);
        return method === 'PUT' && path.endsWith('packages.lance/_versions/18446744073709551612.manifest')
          ? { kind: 'hang' }
          : null;
      });
      await assert.rejects(
        publishDataset(target, left, description, publishOptions, listening(controller.signal)),
        /died/,
      );
      proxy.setRule(null);
      await publishDataset(target, right, description, publishOptions, listening());
      const down = join(folder, 'down.lancedb');
      await downloadDataset(target, down, listening());
      const db = await open(down);
      assert.deepEqual(await readTokens(db, 'packages', null), { tokens: [4], rows: 30 });
      assert.deepEqual(await readTokens(db, 'dependencies', null), { tokens: [4], rows: 60 });
      const remote = await open(`s3://${bucketName}/orphans/data.lancedb`, lanceOptions(server.endpoint));
      assert.deepEqual(await readTokens(remote, 'packages', null), { tokens: [4], rows: 30 });
      assert.deepEqual(await readTokens(remote, 'dependencies', null), { tokens: [4], rows: 60 });
    });

    test('what a newer version published is neither downloaded nor overwritten', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'newer/data.lancedb');
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, { ...description, schemaVersion: 99 }, publishOptions, listening());
      const message = /published by a newer fdnix-indexer \(schema version 99, this one knows \d+\); upgrade/;
      await assert.rejects(downloadDataset(target, join(folder, 'down.lancedb'), listening()), message);
      await writeTokens(local, 2, 10);
      await assert.rejects(publishDataset(target, local, description, publishOptions, listening()), message);
    });

    test('a large file travels in parts both ways while a fifth of all requests fails', async (t) => {
      const folder = await temporary(t);
      const [file, back] = [join(folder, 'large'), join(folder, 'back')];
      const bytes = randomBytes(30 << 20);
      await writeFile(file, bytes);
      const entry = { path: 'large', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
      const { bucket } = targetAt(proxy.endpoint, bucketName, 'x', { maxAttempts: 8 });
      const signal = AbortSignal.timeout(60_000);
      proxy.setRule(atRate(0.2, 3));
      assert.ok(await uploadFile(bucket, 'large', file, entry, signal));
      proxy.setRule(firstOf(({ method }) => method === 'GET', { kind: 'cutBody' }));
      await downloadFile(bucket, 'large', back, entry, signal, () => new PassThrough());
      assert.deepEqual(await readFile(back), bytes);
      const ranged = proxy.log.filter((line) => line === `GET /${bucketName}/large`).length;
      assert.ok(ranged >= 2, 'the rest was asked for');
    });

    test('a publisher without a sign of life is succeeded', async (t) => {
      const local = join(await temporary(t), 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'dead/data.lancedb');
      await writeTokens(local, 1, 10);
      const claim = { token: 'x', host: 'elsewhere', pid: 1, since: '2026-01-01T00:00:00Z', beat: 4, released: false };
      await putObject(
        target.bucket,
        'dead/data.publisher.json',
        Buffer.from(JSON.stringify(claim)),
        {},
        AbortSignal.timeout(5000),
      );
      const context = listening();
      assert.equal(
        (await publishDataset(target, local, description, { ...publishOptions, lockTtl: 300 }, context)).status,
        'published',
      );
      assert.match(JSON.stringify(context.events), /waiting for a sign of life of the publisher on elsewhere/);
    });

    test('a hostile inventory writes nothing outside, and damaged bytes are not used', async (t) => {
      const folder = await temporary(t);
      const local = join(folder, 'data.lancedb');
      const target = targetAt(proxy.endpoint, bucketName, 'hostile/data.lancedb');
      await writeTokens(local, 1, 10);
      await publishDataset(target, local, description, publishOptions, listening());
      const signal = AbortSignal.timeout(20_000);
      const text = (await getText(target.bucket, 'hostile/data.latest.json', signal))?.text ?? '';
      const latest = parseLatest(text, 'test');
      const inventory = (await getText(target.bucket, latest.inventory.key, signal))?.text ?? '';
      for (const path of ['../outside', '/etc/passwd', 'a\\\\..\\\\b', 'packages.lance/./x']) {
        const changed = inventory.replace(/"path":"[^"]+"/, `"path":${JSON.stringify(path)}`);
        const sha256 = createHash('sha256').update(changed).digest('hex');
        await putObject(target.bucket, latest.inventory.key, Buffer.from(changed), {}, signal);
        await putObject(
          target.bucket,
          'hostile/data.latest.json',
          Buffer.from(JSON.stringify({ ...latest, inventory: { ...latest.inventory, sha256 } })),
          {},
          signal,
        );
        await assert.rejects(
          downloadDataset(target, join(folder, 'down.lancedb'), listening()),
          /refused, nothing was written: the key/,
        );
      }
      await putObject(target.bucket, latest.inventory.key, Buffer.from(inventory), {}, signal);
      await putObject(target.bucket, 'hostile/data.latest.json', Buffer.from(text), {}, signal);
      const [file] = JSON.parse(inventory).files;
      await putObject(target.bucket, `${latest.prefix}/${file.path}`, Buffer.alloc(file.size, 1), {}, signal);
      await assert.rejects(
        downloadDataset(
          { ...target, bucket: { ...target.bucket, settings: { ...target.bucket.settings, maxAttempts: 2 } } },
          join(folder, 'down.lancedb'),
          listening(),
        ),
        /the bytes are not those of the inventory/,
      );
    });
  });
}

// moto checks no signatures: it takes requests whose signed headers were dropped on the way.
const moto = installed.find(({ name }) => name === 'moto_server');
test(
  'a store that ignores conditions: auto publishes and says so, require refuses, off never asks',
  { skip: moto ? false : 'moto_server is not installed' },
  async (t) => {
    if (!moto) return;
    const server = await startS3Server(moto);
    t.after(() => server.close());
    await server.createBucket(bucketName);
    const proxy = await startFaultProxy(server.endpoint);
    t.after(() => proxy.close());

    const local = join(await temporary(t), 'data.lancedb');
    const target = targetAt(proxy.endpoint, bucketName, 'plain/data.lancedb');
    await writeTokens(local, 1, 10);
    proxy.dropHeaders.add('if-match').add('if-none-match');
    await assert.rejects(
      publishDataset(target, local, description, { ...publishOptions, conditionalWrites: 'require' }, listening()),
      /the store ignores conditional writes/,
    );
    const context = listening();
    await publishDataset(target, local, description, publishOptions, context);
    assert.match(JSON.stringify(context.events), /has no conditional writes/);
    await writeTokens(local, 2, 10);
    const off = await publishDataset(
      target,
      local,
      description,
      { ...publishOptions, conditionalWrites: 'off' },
      listening(),
    );
    assert.equal(off.status, 'published');
  },
);
