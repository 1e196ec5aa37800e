import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { runCli, type CliResult } from '../support/cli.ts';
import { temporary } from '../support/publish.ts';
import { findS3Servers, startS3Server, testCredentials, type S3Server } from '../support/s3-server.ts';

const [found] = await findS3Servers();
const sample = resolve('sample');
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  AWS_REGION: 'us-east-1',
};

function run(cwd: string, ...args: string[]): Promise<CliResult> {
  return runCli(args, { cwd, env });
}

function hits({ stdout }: CliResult): unknown[] {
  return (JSON.parse(stdout) as { hits: unknown[] }).hits;
}

describe('publishing by the command line', { skip: found ? false : 'no S3 server is installed' }, () => {
  let server: S3Server;
  before(async () => {
    if (!found) return;
    server = await startS3Server(found);
    await server.createBucket('fdnix-artifacts');
  });
  after(() => server?.close());

  /** A folder with a configuration that publishes the sample under a prefix of its own. */
  async function folderFor(t: Parameters<typeof temporary>[0], prefix: string, more: object = {}): Promise<string> {
    const folder = await temporary(t);
    const config = {
      nixpkgs: {
        source: 'jsonl',
        path: join(sample, 'nixpkgs-sample.jsonl'),
        references: join(sample, 'references.json'),
      },
      output: { path: 'out/fdnix-data.lancedb', minifiedPath: 'out/fdnix.lancedb' },
      embedding: { provider: 'none' },
      aws: { endpoints: { s3: server.endpoint } },
      s3: {
        bucket: 'fdnix-artifacts',
        dataKey: `${prefix}/fdnix-data.lancedb`,
        minifiedKey: `${prefix}/fdnix.lancedb`,
        dependencyKey: `${prefix}/dependencies.json`,
        dependencyCompression: 'gzip',
      },
      ...more,
    };
    await writeFile(join(folder, 'fdnix.config.json'), JSON.stringify(config));
    return folder;
  }
  test('run publishes, a bare machine searches and goes on from it, the guard keeps what is there', async (t) => {
    const folder = await folderFor(t, 'cli');
    const first = await run(folder, 'run', '--json');
    assert.equal(first.code, 0, first.stderr + first.stdout);
    const object = await server.client.send(
      new GetObjectCommand({ Bucket: 'fdnix-artifacts', Key: 'cli/dependencies.json' }),
    );
    assert.deepEqual([object.ContentType, object.ContentEncoding?.includes('gzip')], ['application/json', true]);
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    assert.deepEqual(gunzipSync(bytes), await readFile(join(folder, 'out/fdnix-data.dependencies.json')));

    const dry = await run(folder, 'publish', '--dry-run', '--json');
    assert.equal(dry.code, 0, dry.stderr);
    const plans = JSON.parse(dry.stdout) as Record<string, { upload: unknown[]; stay: unknown[] }>;
    assert.deepEqual(
      Object.values(plans).map(({ upload }) => upload.length),
      [0, 0],
    );
    assert.ok(Object.values(plans).every(({ stay }) => stay.length > 0));

    const bare = await folderFor(t, 'cli');
    const search = await run(bare, 'search', 'hello', '--json');
    assert.equal(search.code, 0, search.stderr);
    assert.ok(hits(search).length > 0);
    const local = await run(folder, 'search', 'hello', '--json');
    assert.deepEqual(hits(search), hits(local));

    const minified = await run(bare, 'run', '--mode', 'minified');
    assert.equal(minified.code, 0, minified.stderr);
    assert.ok(existsSync(join(bare, 'out/fdnix-data.lancedb')), 'the main dataset was downloaded');

    const shrunk = join(folder, 'shrunk.jsonl');
    const lines = (await readFile(join(sample, 'nixpkgs-sample.jsonl'), 'utf8')).split('\n');
    await writeFile(shrunk, lines.slice(0, lines.length >> 1).join('\n'));
    const refused = await run(folder, 'run', '--mode', 'metadata', '--set', `nixpkgs.path=${shrunk}`);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /packages shrank by \d+.*publish\.guard\.maxShrink/);
    assert.match(refused.stderr, /publish --force REASON/);
    const forced = await run(folder, 'publish', '--only', 'main', '--force', 'half of it was dropped');
    assert.equal(forced.code, 0, forced.stderr);
    const status = await run(folder, 'status', '--json');
    assert.match(status.stdout, /half of it was dropped/);

    const back = await run(folder, 'publish', '--rollback', '--only', 'main');
    assert.equal(back.code, 0, back.stderr);
    const unwanted = await run(folder, 'publish', '--only', 'main');
    assert.equal(unwanted.code, 1);
    assert.match(unwanted.stderr, /this very dataset was rolled back at/);
    assert.match(back.stdout, /s3:\/\/fdnix-artifacts\/cli\/fdnix-data\.latest\.json: from .* back to /);
  });

  test('a canary that is missing and a torn dataset are not published', async (t) => {
    const folder = await folderFor(t, 'guarded', { publish: { guard: { canaries: ['hello', 'no-such-package'] } } });
    const missing = await run(folder, 'run', '--mode', 'metadata');
    assert.equal(missing.code, 1);
    assert.match(
      missing.stderr,
      /packages that must be there are missing \(publish\.guard\.canaries\): no-such-package/,
    );
    const torn = await folderFor(t, 'torn');
    await cp(join(folder, 'out'), join(torn, 'out'), { recursive: true });
    const { readdir, realpath } = await import('node:fs/promises');
    const data = join(await realpath(join(torn, 'out/fdnix-data.lancedb')), 'dependencies.lance/data');
    await rm(join(data, (await readdir(data))[0] ?? ''));
    const refused = await run(torn, 'publish');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is missing/);
  });

  test('a prefix of the Python system is left alone, before anything is evaluated', async (t) => {
    const folder = await folderFor(t, 'python');
    const put = {
      Bucket: 'fdnix-artifacts',
      Key: 'python/fdnix-data.lancedb/packages.lance/data/0.lance',
      Body: 'rows',
    };
    await server.client.send(new PutObjectCommand(put));
    const { code, stderr } = await run(folder, 'run');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /python\/fdnix-data\.lancedb\/ holds 1 objects .* it is never merged into.*choose another s3\.dataKey/,
    );
    assert.equal(existsSync(join(folder, 'out')), false);
  });

  test('what cannot be meant is refused with exit code 2', async (t) => {
    const folder = await folderFor(t, 'usage');
    for (const [args, message] of [
      [['publish', '--rollback', '--dry-run'], /--rollback goes with neither/],
      [['publish', '--force', ' '], /--force needs a reason/],
    ] as const) {
      const result = await run(folder, ...args);
      assert.equal(result.code, 2, result.stderr);
      assert.match(result.stderr, message);
    }
    const none = await run(folder, 'publish');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /there is no dataset at/);
  });
});
