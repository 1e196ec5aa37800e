import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { filesBelow, localInventory } from '../../src/publish/inventory.ts';
import { openLayerService } from '../../src/publish/layer-client.ts';
import { checkSize, writeLayerZip } from '../../src/publish/layer-zip.ts';
import { publishLayer, type LayerOptions } from '../../src/publish/layer.ts';
import { prune, writeTokens } from '../support/lance-dataset.ts';
import { startLambdaServer, type LambdaServer } from '../support/lambda-server.ts';
import { listening, targetAt, temporary, useTestCredentials } from '../support/publish.ts';
import { findS3Servers, startS3Server, type S3Server } from '../support/s3-server.ts';

const run = promisify(execFile);
const installed = await findS3Servers();
const signal = new AbortController().signal;
useTestCredentials();

test('the zip is the same bytes whatever the clock, the zone and the files’ own times say, and unpacks under fdnix.lancedb', async (t) => {
  const folder = await temporary(t);
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  await writeTokens(one, 1, 500);
  await cp(one, two, { recursive: true });
  for (const path of await filesBelow(two)) await utimes(join(two, path), 1e9, 1e9);
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Pacific/Kiritimati';
  const first = await writeLayerZip(one, await localInventory(one, signal), join(folder, 'one.zip'), signal);
  process.env['TZ'] = 'America/Anchorage';
  const second = await writeLayerZip(
    two,
    (await localInventory(two, signal)).toReversed(),
    join(folder, 'two.zip'),
    signal,
  );
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  assert.equal(first.sha256, second.sha256);
  assert.deepEqual(await readFile(first.file), await readFile(second.file));
  const script = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[i.filename, i.date_time, i.external_attr >> 16, len(i.extra), i.file_size] for i in archive.infolist()]))`;
  const { stdout } = await run('python3', ['-c', script, first.file]);
  const entries = JSON.parse(stdout) as [string, number[], number, number, number][];
  const names = entries.map(([name]) => name);
  assert.deepEqual(names, names.toSorted());
  assert.ok(names.every((name) => name.startsWith('fdnix.lancedb/')));
  for (const [, time, mode, extra] of entries)
    assert.deepEqual([time, mode, extra], [[1980, 1, 1, 0, 0, 0], 0o100644, 0]);
  assert.equal(
    entries.reduce((sum, [, , , , size]) => sum + size, 0),
    first.unzipped,
  );
});

test('contents beyond the limit: how far over and what is largest', () => {
  const files = [
    { path: 'packages.lance/data/a.lance', size: 200_000_000, sha256: '' },
    { path: 'packages.lance/_indices/u/b.idx', size: 80_000_000, sha256: '' },
  ];
  assert.throws(
    () => checkSize(files),
    /280000000 bytes unzipped, 17856000 more than Lambda allows .*Largest: packages data 200000000, packages indexes 80000000.*Nothing was uploaded/,
  );
});

function service(lambda: LambdaServer): ReturnType<typeof openLayerService> {
  return openLayerService({ layer: lambda.layerArn, region: null, endpoint: lambda.endpoint, maxAttempts: 3 });
}

const [server0] = installed;
describe('the layer against our strict Lambda', { skip: server0 ? false : 'no S3 server is installed' }, () => {
  let s3: S3Server;
  before(async () => {
    if (!server0) return;
    s3 = await startS3Server(server0);
    await s3.createBucket('fdnix-artifacts');
  });
  after(() => s3?.close());

  async function startLambda(t: { after: (done: () => Promise<void>) => void }): Promise<LambdaServer> {
    const lambda = await startLambdaServer('fdnix', async (bucket, key) => {
      const reply = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await reply.Body?.transformToByteArray()) ?? new Uint8Array();
    });
    t.after(() => lambda.close());
    return lambda;
  }
  const options = (changes: Partial<LayerOptions> = {}): LayerOptions => ({
    bucket: targetAt(s3.endpoint, 'fdnix-artifacts', 'x').bucket,
    key: 'snapshots/fdnix.lancedb.layer.zip',
    keep: 2,
    updateFunctions: true,
    description: 'fdnix of r1',
    rollout: { pollMs: 5, waitMs: 2_000, attempts: 4 },
    ...changes,
  });

  test('publishes, moves exactly the functions that use it, keeps the other layers, skips the same bytes, removes old versions', async (t) => {
    const local = join(await temporary(t), 'fdnix.lancedb');
    const lambda = await startLambda(t);
    await writeTokens(local, 1, 100);
    const first = await publishLayer(service(lambda), local, options(), listening());
    assert.equal(first.versionArn, `${lambda.layerArn}:1`);
    const other = 'arn:aws:lambda:us-east-1:123456789012:layer:other:7';
    lambda.addFunction('search', [other, `${lambda.layerArn}:1`, 'arn:aws:lambda:us-east-1:123456789012:layer:last:2']);
    lambda.addFunction('lookalike', ['arn:aws:lambda:us-east-1:123456789012:layer:fdnix-beta:1']);
    lambda.addFunction('none', []);
    lambda.addFunction('busy', [`${lambda.layerArn}:1`]);
    const busy = lambda.functions.get('busy');
    if (busy) busy.LastUpdateStatus = 'InProgress';

    const same = await publishLayer(service(lambda), local, options(), listening());
    assert.deepEqual([same.status, same.already, lambda.versions.length], ['unchanged', ['search', 'busy'], 1]);

    await writeTokens(local, 2, 100);
    await prune(local);
    const second = await publishLayer(service(lambda), local, options(), listening());
    assert.deepEqual(second.moved, ['search', 'busy']);
    assert.deepEqual(
      lambda.functions.get('search')?.Layers.map(({ Arn }) => Arn),
      [other, `${lambda.layerArn}:2`, 'arn:aws:lambda:us-east-1:123456789012:layer:last:2'],
    );
    assert.equal(lambda.functions.get('lookalike')?.Layers[0]?.Arn.endsWith('fdnix-beta:1'), true);
    await writeTokens(local, 3, 100);
    const third = await publishLayer(service(lambda), local, options(), listening());
    assert.deepEqual(third.deleted, [`${lambda.layerArn}:1`]);
    assert.deepEqual(
      lambda.versions.map(({ version }) => version),
      [2, 3],
    );
    assert.deepEqual((await readdir(join(local, '..'))).toSorted(), ['fdnix.lancedb'], 'no zip is left behind');
  });

  test('conflicts are retried, what failed is listed, and the version in use is not removed', async (t) => {
    const local = join(await temporary(t), 'fdnix.lancedb');
    const lambda = await startLambda(t);
    await writeTokens(local, 1, 10);
    await publishLayer(service(lambda), local, options(), listening());
    for (const name of ['one', 'two', 'three']) lambda.addFunction(name, [`${lambda.layerArn}:1`]);
    lambda.failing.add('two');
    let conflicts = 0;
    lambda.intercept((call) => {
      if (call.startsWith('PUT') && call.includes('/three/')) return { status: 403, type: 'AccessDeniedException' };
      if (!call.startsWith('PUT') || conflicts >= 2) return null;
      conflicts += 1;
      return conflicts === 1
        ? { status: 409, type: 'ResourceConflictException' }
        : { status: 412, type: 'PreconditionFailedException' };
    });
    await writeTokens(local, 2, 10);
    await assert.rejects(publishLayer(service(lambda), local, options({ keep: 1 }), listening()), (error: Error) => {
      assert.match(error.message, /:2 is published, but 2 of 3 functions were not moved/);
      assert.match(error.message, /two: the update failed: The image is too large/);
      assert.match(
        error.message,
        /three: no permission for lambda:UpdateFunctionConfiguration on arn:aws:lambda:us-east-1:123456789012:function:three/,
      );
      return true;
    });
    assert.equal(lambda.functions.get('one')?.Layers[0]?.Arn, `${lambda.layerArn}:2`);
    assert.deepEqual(
      lambda.versions.map(({ version }) => version),
      [1, 2],
    );
  });

  test('a lost reply to the publication makes no second version', async (t) => {
    const local = join(await temporary(t), 'fdnix.lancedb');
    const lambda = await startLambda(t);
    await writeTokens(local, 1, 10);
    let dropped = false;
    lambda.intercept((call) => {
      if (!call.startsWith('POST') || dropped) return null;
      dropped = true;
      return 'drop';
    });
    const { versionArn } = await publishLayer(service(lambda), local, options(), listening());
    assert.deepEqual([versionArn, lambda.versions.length], [`${lambda.layerArn}:1`, 1]);
  });

  test('with the right to publish alone, the layer is published and the rest is said to be left', async (t) => {
    const local = join(await temporary(t), 'fdnix.lancedb');
    const lambda = await startLambda(t);
    await writeTokens(local, 1, 10);
    lambda.intercept((call) => (call.startsWith('POST') ? null : { status: 403, type: 'AccessDeniedException' }));
    const context = listening();
    await publishLayer(service(lambda), local, options(), context);
    const events = JSON.stringify(context.events);
    for (const action of ['lambda:ListLayerVersions', 'lambda:ListFunctions'])
      assert.ok(events.includes(`no permission for ${action}`), action);
    assert.equal(lambda.versions.length, 1);
  });
});

const moto = installed.find(({ name }) => name === 'moto_server');
test('the layer against moto', { skip: moto ? false : 'moto_server is not installed' }, async (t) => {
  if (!moto) return;
  const server = await startS3Server(moto);
  t.after(() => server.close());
  await server.createBucket('fdnix-artifacts');
  const folder = await temporary(t);
  await mkdir(folder, { recursive: true });
  const local = join(folder, 'fdnix.lancedb');
  const lambda = openLayerService({ layer: 'fdnix', region: 'us-east-1', endpoint: server.endpoint, maxAttempts: 3 });
  const options = {
    bucket: targetAt(server.endpoint, 'fdnix-artifacts', 'x').bucket,
    key: 'layer.zip',
    keep: 2,
    updateFunctions: true,
    description: 'fdnix',
  };
  for (const token of [1, 2, 3]) {
    await writeTokens(local, token, 100);
    const done = await publishLayer(lambda, local, options, listening());
    assert.deepEqual([done.status, done.versionArn.endsWith(`:layer:fdnix:${token}`)], ['published', true]);
    assert.deepEqual(done.deleted.length, token === 3 ? 1 : 0);
  }
  assert.equal((await publishLayer(lambda, local, options, listening())).status, 'unchanged');
});
