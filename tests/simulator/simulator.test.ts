import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { findS3Server, startS3Server, type S3Server } from '../support/s3-server.ts';
import { startSimulator, type Simulator } from './server.ts';
import { shapes, violations } from './shapes.ts';
import { textVector } from './titan.ts';

const run = promisify(execFile);
const s3Program = await findS3Server();
const hasBoto3 = await run('python3', ['-c', 'import boto3']).then(
  () => true,
  () => false,
);

describe(
  'the simulator',
  { skip: s3Program === null && 'no S3 server (versitygw or moto_server) is installed' },
  () => {
    let s3: S3Server;
    let simulator: Simulator;
    before(async () => {
      assert.ok(s3Program);
      s3 = await startS3Server(s3Program);
      simulator = await startSimulator({ s3Endpoint: s3.endpoint });
    });
    after(async () => {
      await simulator.close();
      await s3.close();
    });

    it('agrees with boto3 and botocore’s service models', { skip: !hasBoto3 && 'boto3 is not installed' }, async () => {
      const script = new URL('boto3_client.py', import.meta.url).pathname;
      const { stdout } = await run('python3', [script, simulator.endpoint, s3.endpoint]);
      assert.match(stdout, /agree/);
      const bill = simulator.bill();
      assert.equal(bill.batchRecords, 120);
      assert.equal(bill.onDemandRecords, 1);
      assert.equal(bill.anyTwice, 1, 'text 7 was paid for in a batch and on demand');
      assert.equal(bill.batchTwice, 0);
    });

    it('refuses a call that is not signed for bedrock', async () => {
      const answer = await fetch(`${simulator.endpoint}/model-invocation-jobs`);
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get('x-amzn-errortype'), 'AccessDeniedException');
    });
  },
);

describe('violations', () => {
  const uri =
    shapes.CreateModelInvocationJobRequest.members.inputDataConfig.members?.['s3InputDataConfig']?.members?.['s3Uri'];
  for (const wrong of [
    's3://bucket/dt=2026-01-01/x.jsonl',
    's3://bucket/a+b',
    's3://bucket/a%20b',
    's3://bucket/a b',
    's3://bucket//a',
  ]) {
    it(`rejects ${wrong}`, () => assert.ok(uri && violations(uri, wrong).length > 0));
  }
  it('accepts a key of letters, digits and slashes', () =>
    assert.deepEqual(uri && violations(uri, 's3://bucket/a/b.jsonl'), []));
});

describe('textVector', () => {
  it('is a function of the text, of length 1', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const vector = textVector(one, 256);
        assert.deepEqual(vector, textVector(one, 256));
        assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
        const cosine = textVector(other, 256).reduce((sum, x, i) => sum + x * (vector[i] ?? 0), 0);
        assert.ok(one === other || cosine < 0.5);
      }),
      { numRuns: 50 },
    );
  });
});
