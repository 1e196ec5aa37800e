import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeText, contentHash } from '../../src/embed/text.ts';
import type { EmbeddableRow } from '../../src/embed/dataset.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { scanRows } from '../../src/store/scan.ts';
import { startSimulator, type Simulator } from '../simulator/server.ts';
import type { SimulatorOptions } from '../simulator/options.ts';
import { textVector } from '../simulator/titan.ts';
import { startCli, type CliResult } from './cli.ts';
import { temporaryDirectory, type CleansUp } from './directory.ts';
import { findS3Server, startS3Server, testCredentials } from './s3-server.ts';

/** A folder with a configuration for a simulator and an S3 server of a test's own. */
export interface EmbeddingSite {
  folder: string;
  dataset: string;
  simulator: Simulator;
  /** Runs the tool; `peak` is the most memory that it had, in bytes. `kill` ends it after so many milliseconds. */
  cli: (
    args: readonly string[],
    options?: { kill?: number; timeout?: number },
  ) => Promise<CliResult & { peak: number }>;
}

export async function embeddingSite(
  t: CleansUp,
  simulation: Partial<SimulatorOptions>,
  bedrock: Record<string, unknown> = {},
): Promise<EmbeddingSite> {
  const program = await findS3Server();
  if (program === null) throw new Error('no S3 server is installed');
  const s3 = await startS3Server(program);
  await s3.createBucket('fdnix');
  const simulator = await startSimulator({ s3Endpoint: s3.endpoint, ...simulation });
  t.after(async () => {
    await simulator.close();
    await s3.close();
  });
  const folder = await temporaryDirectory(t);
  const { endpoint } = simulator;
  const config = {
    output: { path: join(folder, 'data.lancedb'), minifiedPath: join(folder, 'min.lancedb') },
    aws: { region: 'us-east-1', endpoints: { s3: s3.endpoint, bedrock: endpoint, bedrockRuntime: endpoint } },
    embedding: {
      bedrock: {
        roleArn: 'arn:aws:iam::123456789012:role/fdnix-batch',
        inputBucket: 'fdnix',
        outputBucket: 'fdnix',
        pollIntervalSeconds: 0.1,
        requestsPerMinute: 60_000,
        tokensPerMinute: 60_000_000,
        ...bedrock,
      },
    },
  };
  await writeFile(join(folder, 'fdnix.config.json'), JSON.stringify(config));
  const env = {
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  };
  return {
    folder,
    dataset: config.output.path,
    simulator,
    cli: (args, { kill, timeout = 600_000 } = {}) => run(args, { cwd: folder, env, timeout }, kill),
  };
}

async function run(
  args: readonly string[],
  options: Parameters<typeof startCli>[1],
  kill: number | undefined,
): Promise<CliResult & { peak: number }> {
  const child = startCli(args, options);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const killer = kill === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), kill);
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
    await Promise.race([sleep(100), closed]);
  }
  clearTimeout(killer);
  return { ...output, code: await closed, peak };
}

const columns = [
  'package_id',
  'attribute_path',
  'package_name',
  'main_program',
  'description',
  'long_description',
  'category',
  'content_hash',
  'has_embedding',
  'vector',
];

/** What the packages of a dataset hold: whether each has the vector of its own text. */
export async function checkVectors(
  dataset: string,
  { maxChars = 8000, dimensions = 256 }: { maxChars?: number; dimensions?: number } = {},
): Promise<{ rows: number; texts: Set<string>; wrong: string[] }> {
  const table = await openTable(await connectDataset(dataset), 'packages');
  const expected = new Map<string, Float32Array>();
  const texts = new Set<string>();
  const wrong: string[] = [];
  let rows = 0;
  type Row = EmbeddableRow & { vector: Float32Array | null; has_embedding: boolean };
  for await (const row of scanRows<Row>(table, { columns })) {
    rows += 1;
    const text = composeText(row, maxChars);
    const hash = contentHash(text);
    texts.add(hash);
    const vector = expected.get(hash) ?? Float32Array.from(textVector(text, dimensions));
    expected.set(hash, vector);
    const found = row.vector;
    const right = row.content_hash === hash && row.has_embedding && found?.every((value, i) => value === vector[i]);
    if (!right || found?.length !== dimensions) wrong.push(row.package_id);
  }
  return { rows, texts, wrong };
}

/** A recording of so many packages, each with a text of its own. */
export function syntheticRecording(packages: number): string {
  const lines = Array.from({ length: packages }, (_, i) => {
    const attr = `package${i.toString(36)}x`;
    const drvPath = `/nix/store/${String(i).padStart(32, '0')}-${attr}-1.${i}.drv`;
    const meta = { available: true, broken: false, unfree: false, description: `Does the work of number ${i}` };
    const extraValue = { pname: attr, version: `1.${i}`, buildInputs: [], nativeBuildInputs: [] };
    return JSON.stringify({
      attr,
      attrPath: [attr],
      name: `${attr}-1.${i}`,
      system: 'x86_64-linux',
      drvPath,
      meta,
      extraValue,
    });
  });
  return `${lines.join('\n')}\n`;
}
