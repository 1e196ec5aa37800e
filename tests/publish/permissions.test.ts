import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateMultipartUploadCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { publishDataset } from '../../src/publish/dataset.ts';
import { openLayerService } from '../../src/publish/layer-client.ts';
import { publishLayer } from '../../src/publish/layer.ts';
import { rollback } from '../../src/publish/rollback.ts';
import { probeBucket } from '../../src/publish/s3-probe.ts';
import { downloadDataset } from '../../src/publish/sync-down.ts';
import { accessDenied, startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { accessesOfS3, actionOfLambda, isAllowed, statementsBelow, type Access } from '../support/iam-policy.ts';
import { open, readTokens, writeTokens } from '../support/lance-dataset.ts';
import { startLambdaServer, type LambdaServer } from '../support/lambda-server.ts';
import {
  lanceOptions,
  listening,
  publishOptions,
  targetAt,
  temporary,
  useTestCredentials,
} from '../support/publish.ts';
import { findS3Servers, startS3Server, type S3Server } from '../support/s3-server.ts';

const [found] = await findS3Servers();
const bucket = 'my-artifacts';
const description = { schemaVersion: 1, revision: null, counts: {} };
const page = await readFile('docs/permissions.md', 'utf8');
const task = statementsBelow(page, 'The task role');
const optional = new Set(
  [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/[a-z0-9]+:[A-Za-z]+/g) ?? []),
);
const required = new Set(task.flatMap(({ Action }) => Action));
useTestCredentials();

/** What a command of the SDK is to IAM, where that is not its own name. */
const actionOfCommand: Record<string, string> = {
  HeadObject: 's3:GetObject',
  CopyObject: 's3:PutObject',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  DeleteObjects: 's3:DeleteObject',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
};

test('the documented actions are those of the calls in the code, none more and none fewer', async () => {
  const used = new Set<string>();
  for (const path of await readdir('src', { recursive: true })) {
    if (!path.endsWith('.ts')) continue;
    const text = await readFile(join('src', path), 'utf8');
    const imports = text.matchAll(/import(?: type)? \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9]+)[^']*'/g);
    for (const [, names = '', service = ''] of imports) {
      for (const [, command = ''] of names.matchAll(/(\w+)Command\b/g))
        used.add(actionOfCommand[command] ?? `${service}:${command}`);
    }
  }
  // Not called but demanded by AWS: the role is handed over in a call to Bedrock, the key used by S3.
  const demanded = ['iam:PassRole', 'kms:GenerateDataKey', 'kms:Decrypt'];
  assert.deepEqual([...required.union(optional)].toSorted(), [...used, ...demanded].toSorted());
});

interface Site {
  server: S3Server;
  proxy: FaultProxy;
  lambda: LambdaServer;
  /** What was called for, and which of it was denied. */
  seen: Set<string>;
  denied: Set<string>;
}

/** An S3 and a Lambda behind which only what `allows` says is let through. */
async function startSite(t: TestContext, allows: (access: Access) => boolean): Promise<Site> {
  assert.ok(found);
  const server = await startS3Server(found);
  t.after(() => server.close());
  await server.createBucket(bucket);
  const proxy = await startFaultProxy(server.endpoint);
  t.after(() => proxy.close());
  const lambda = await startLambdaServer('fdnix', async (name, key) => {
    const reply = await server.client.send(new GetObjectCommand({ Bucket: name, Key: key }));
    return (await reply.Body?.transformToByteArray()) ?? new Uint8Array();
  });
  t.after(() => lambda.close());
  const [seen, denied] = [new Set<string>(), new Set<string>()];
  const check = (access: Access): boolean => {
    seen.add(access.action);
    if (allows(access)) return true;
    denied.add(access.action);
    return false;
  };
  proxy.setRule((request) => (accessesOfS3(request).every(check) ? null : accessDenied));
  const layer = 'arn:aws:lambda:eu-central-1:123456789012:layer:fdnix';
  lambda.intercept((call) =>
    check({ action: actionOfLambda(call), resource: layer }) ? null : { status: 403, type: 'AccessDeniedException' },
  );
  return { server, proxy, lambda, seen, denied };
}

/** Publishes, retires, copies, clears away, rolls back, downloads, and moves a function to the newest of three layers. */
async function cycle(t: TestContext, { server, proxy, lambda }: Site): Promise<string[]> {
  const local = join(await temporary(t), 'data.lancedb');
  const context = listening();
  const { signal } = context;
  const target = targetAt(proxy.endpoint, bucket, 'snapshots/{date}/fdnix.lancedb');
  const options = { ...publishOptions, graceMinutes: 0, keep: 2 };
  await probeBucket(target.bucket, signal);
  const service = openLayerService({
    layer: lambda.layerArn,
    region: null,
    endpoint: lambda.endpoint,
    maxAttempts: 2,
  });
  for (const token of [1, 2, 3, 4]) {
    await writeTokens(local, token, 20);
    const { uri } = await publishDataset(target, local, description, options, context);
    if (token === 3) {
      const Key = `${uri.slice(`s3://${bucket}/`.length)}/killed`;
      await server.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
      await sleep(1_100);
    }
    const layer = {
      bucket: target.bucket,
      key: 'snapshots/layer.zip',
      keep: 1,
      updateFunctions: true,
      description: '',
    };
    const rollout = { pollMs: 5, waitMs: 2_000, attempts: 2 };
    const { versionArn } = await publishLayer(service, local, { ...layer, rollout }, context);
    if (token === 1) lambda.addFunction('search', [versionArn]);
  }
  await downloadDataset(target, `${local}.down`, context);
  await rollback(target, options, context);
  return context.events.flatMap((event) => (event.type === 'warning' || event.type === 'info' ? [event.message] : []));
}

describe('permissions', { skip: found ? false : 'no S3 server is installed' }, () => {
  test('with the task role alone everything is published, and what is left undone is said', async (t) => {
    const site = await startSite(t, (access) => isAllowed(task, access));
    const said = (await cycle(t, site)).join('\n');
    assert.deepEqual([...site.denied].toSorted(), [
      'lambda:ListFunctions',
      'lambda:ListLayerVersions',
      's3:DeleteObject',
      's3:ListBucketMultipartUploads',
    ]);
    for (const action of site.denied) assert.match(said, new RegExp(`no permission for ${action} on `));
    assert.equal(site.lambda.versions.length, 4);
  });

  test('with what is optional too nothing is denied, and all of it is used', async (t) => {
    const site = await startSite(t, (access) => isAllowed(task, access) || optional.has(access.action));
    assert.deepEqual(await cycle(t, site), []);
    assert.deepEqual(site.denied, new Set());
    const documented = [...required.union(optional)].filter((action) => /^(s3|lambda):/.test(action));
    assert.deepEqual([...site.seen].toSorted(), documented.toSorted());
    assert.equal(site.lambda.versions.length, 1);
  });

  test("a reader's policy is enough to open and read a published dataset, and allows no writing", async (t) => {
    const site = await startSite(t, () => true);
    const local = join(await temporary(t), 'data.lancedb');
    await writeTokens(local, 1, 20);
    const target = targetAt(site.proxy.endpoint, bucket, 'snapshots/fdnix.lancedb');
    await publishDataset(target, local, description, publishOptions, listening());
    const reader = statementsBelow(page, 'A reader');
    const denied: Access[] = [];
    site.proxy.setRule((request) => {
      const refused = accessesOfS3(request).filter((access) => !isAllowed(reader, access));
      denied.push(...refused);
      return refused.length > 0 ? accessDenied : null;
    });
    const db = await open(`s3://${bucket}/snapshots/fdnix.lancedb`, lanceOptions(site.proxy.endpoint));
    assert.deepEqual(await readTokens(db, 'packages', null), { tokens: [1], rows: 20 });
    await downloadDataset(target, `${local}.down`, listening());
    assert.deepEqual(denied, []);
    await assert.rejects(
      publishDataset(target, `${local}.down`, description, publishOptions, listening()),
      /no permission for s3:PutObject on arn:aws:s3:::my-artifacts\/snapshots\/fdnix\.publisher\.json/,
    );
  });
});
