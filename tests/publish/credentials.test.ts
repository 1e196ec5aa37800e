import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { putObject } from '../../src/publish/s3-objects.ts';
import { expiredToken, startFaultProxy } from '../support/fault-proxy.ts';
import { targetAt, temporary } from '../support/publish.ts';
import { findS3Servers, startS3Server, testCredentials } from '../support/s3-server.ts';

const [found] = await findS3Servers();

test(
  'keys that another program renews in the shared file are taken up in mid-run',
  { skip: found ? false : 'no S3 server is installed' },
  async (t) => {
    if (!found) return;
    const server = await startS3Server(found);
    t.after(() => server.close());
    await server.createBucket('fdnix-artifacts');
    const proxy = await startFaultProxy(server.endpoint);
    t.after(() => proxy.close());
    const file = join(await temporary(t), 'credentials');
    const renew = (id: string): Promise<void> =>
      writeFile(
        file,
        `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${testCredentials.secretAccessKey}\n`,
      );
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) delete process.env[name];
    Object.assign(process.env, { AWS_SHARED_CREDENTIALS_FILE: file, AWS_EC2_METADATA_DISABLED: 'true' });

    await renew('OUTDATED');
    const { bucket } = targetAt(proxy.endpoint, 'fdnix-artifacts', 'x');
    // The store tells by the key in the signature which ones expired.
    proxy.setRule(({ headers }) => (headers.authorization?.includes('OUTDATED') ? expiredToken : null));
    const signal = AbortSignal.timeout(20_000);
    await assert.rejects(
      putObject(bucket, 'one', Buffer.from('1'), {}, signal),
      /credentials expired and no newer ones were found/,
    );
    await renew(testCredentials.accessKeyId);
    assert.notEqual(await putObject(bucket, 'one', Buffer.from('1'), {}, signal), null);
  },
);
