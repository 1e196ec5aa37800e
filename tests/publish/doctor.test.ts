import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../src/doctor/check.ts';
import { runCli } from '../support/cli.ts';
import { startLambdaServer } from '../support/lambda-server.ts';
import { temporary } from '../support/publish.ts';
import { findS3Servers, startS3Server, testCredentials } from '../support/s3-server.ts';

const [found] = await findS3Servers();

test(
  'doctor looks at credentials, region, buckets, what is published, and the layer',
  { skip: found ? false : 'no S3 server is installed' },
  async (t) => {
    if (!found) return;
    const server = await startS3Server(found);
    t.after(() => server.close());
    await server.createBucket('fdnix-artifacts');
    const lambda = await startLambdaServer('fdnix', () => Promise.resolve(new Uint8Array()));
    t.after(() => lambda.close());
    const cwd = await temporary(t);
    const diagnose = async (
      env: Record<string, string>,
      ...more: string[]
    ): Promise<(name: string) => Finding | undefined> => {
      const sets = [
        'nixpkgs.source=jsonl',
        'nixpkgs.path=recording.jsonl',
        's3.bucket=fdnix-artifacts',
        's3.dataKey=a/fdnix-data.lancedb',
        's3.minifiedKey=a/fdnix.lancedb',
        `aws.endpoints.s3=${server.endpoint}`,
        `aws.endpoints.lambda=${lambda.endpoint}`,
        'layer.publish=true',
        'layer.arn=fdnix',
        ...more,
      ];
      const { stdout, stderr } = await runCli(['doctor', '--json', ...sets.flatMap((set) => ['--set', set])], {
        cwd,
        env: { AWS_EC2_METADATA_DISABLED: 'true', ...env },
      });
      assert.notEqual(stdout, '', stderr);
      const { findings } = JSON.parse(stdout) as { findings: Finding[] };
      return (name) => findings.find((finding) => finding.name === name);
    };
    const keys = {
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
    };
    const [good, wrong, none] = await Promise.all([
      diagnose(keys),
      diagnose(keys, 's3.bucket=no-such-bucket'),
      diagnose({}),
    ]);
    assert.deepEqual(good('credentials'), {
      name: 'credentials',
      status: 'ok',
      found: 'key test…ting, region us-east-1',
    });
    assert.equal(good('bucket')?.found, 'fdnix-artifacts can be listed');
    assert.equal(good('published')?.found, 'a/fdnix-data.lancedb: nothing yet');
    assert.equal(good('layer')?.found, 'fdnix: no version yet');
    assert.equal(wrong('bucket')?.status, 'problem');
    assert.match(wrong('bucket')?.found ?? '', /there is no bucket 'no-such-bucket'; check s3\.bucket/);
    assert.equal(none('credentials')?.status, 'problem');
    assert.match(none('credentials')?.remedy ?? '', /AWS_PROFILE/);
  },
);
