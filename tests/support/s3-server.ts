import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** What the test servers take for credentials. */
export const testCredentials = { accessKeyId: 'testing', secretAccessKey: 'testing-secret' };

export interface S3Server {
  endpoint: string;
  /** Which program it is. */
  name: string;
  client: S3Client;
  createBucket: (name: string) => Promise<void>;
  close: () => Promise<void>;
}

/**
 * The S3 servers that are looked for, in the order of preference: programs that others wrote (`go install
 * github.com/versity/versitygw/cmd/versitygw@latest`, `pip install 'moto[server]'`).
 */
const servers = [
  {
    name: 'versitygw',
    argv: (port: number, folder: string) => [
      '--quiet',
      '--access',
      testCredentials.accessKeyId,
      '--secret',
      testCredentials.secretAccessKey,
      '--port',
      `127.0.0.1:${port}`,
      'posix',
      '--sidecar',
      join(folder, 'meta'),
      join(folder, 'root'),
    ],
  },
  { name: 'moto_server', argv: (port: number) => ['-H', '127.0.0.1', '-p', String(port)] },
];

/** The path of the first S3 server that is installed, or null: tests skip with a word then. */
export async function findS3Server(): Promise<{ name: string; path: string } | null> {
  return (await findS3Servers())[0] ?? null;
}

/** All S3 servers that are installed. */
export async function findS3Servers(): Promise<{ name: string; path: string }[]> {
  const found: { name: string; path: string }[] = [];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  for (const { name } of servers) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      ) {
        found.push({ name, path });
        break;
      }
    }
  }
  return found;
}

/** Starts an S3 server on a free port over a new folder; `close` ends it and removes the folder. */
export async function startS3Server(found: { name: string; path: string }): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'fdnix-s3-'));
  await mkdir(join(folder, 'root'));
  await mkdir(join(folder, 'meta'));
  const port = await freePort();
  const server = servers.find(({ name }) => name === found.name);
  const child = spawn(found.path, server?.argv(port, folder) ?? [], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  await untilItAnswers(endpoint, child);
  const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1', credentials: testCredentials });
  return {
    endpoint,
    name: found.name,
    client,
    createBucket: async (name) => void (await client.send(new CreateBucketCommand({ Bucket: name }))),
    close: async () => {
      client.destroy();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}`);
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`The S3 server did not answer at ${endpoint}`);
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
