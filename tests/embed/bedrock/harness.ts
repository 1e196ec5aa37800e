import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BedrockProvider } from '../../../src/embed/bedrock/provider.ts';
import type { BedrockSettings } from '../../../src/embed/bedrock/settings.ts';
import type { EmbeddingOutcome, PendingText } from '../../../src/embed/provider.ts';
import { contentHash } from '../../../src/embed/text.ts';
import type { ReportEvent, StageContext } from '../../../src/report/event.ts';
import { startSimulator, type Simulator } from '../../simulator/server.ts';
import type { SimulatorOptions } from '../../simulator/options.ts';
import { textVector } from '../../simulator/titan.ts';
import type { S3Server } from '../../support/s3-server.ts';
import { testCredentials } from '../../support/s3-server.ts';

process.env['AWS_ACCESS_KEY_ID'] = testCredentials.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = testCredentials.secretAccessKey;

export interface Harness {
  simulator: Simulator;
  settings: BedrockSettings;
  bucket: string;
  events: ReportEvent[];
  context: StageContext;
}

let buckets = 0;

/** A simulator, a bucket and settings of a test's own, quick in everything. */
export async function harness(
  t: TestContext,
  s3: S3Server,
  options: Partial<SimulatorOptions> = {},
  overrides: Partial<BedrockSettings> = {},
): Promise<Harness> {
  const bucket = `embed-${process.pid}-${++buckets}`;
  await s3.createBucket(bucket);
  const simulator = await startSimulator({ s3Endpoint: s3.endpoint, minRecords: 10, ...options });
  const stateDirectory = await mkdtemp(join(tmpdir(), 'fdnix-embed-'));
  t.after(async () => {
    await simulator.close();
    await rm(stateDirectory, { recursive: true, force: true });
  });
  const events: ReportEvent[] = [];
  return {
    simulator,
    bucket,
    events,
    settings: { ...quickSettings(simulator.endpoint, s3.endpoint, bucket, stateDirectory), ...overrides },
    context: { signal: new AbortController().signal, report: (event) => events.push(event) },
  };
}

function quickSettings(endpoint: string, s3Endpoint: string, bucket: string, stateDirectory: string): BedrockSettings {
  return {
    key: { model: 'amazon.titan-embed-text-v2:0', dimensions: 256, normalize: true },
    modelId: 'amazon.titan-embed-text-v2:0',
    mode: 'auto',
    batchSize: 50,
    minRecords: 10,
    maxRecords: 1000,
    maxFileBytes: 1e9,
    maxJobBytes: 5e9,
    maxConcurrentJobs: 4,
    pollIntervalSeconds: 0.05,
    maxWaitSeconds: 60,
    timeoutHours: 24,
    inputPrefix: 'fdnix-bedrock/input',
    outputPrefix: 'fdnix-bedrock/output',
    keepObjects: false,
    kmsKeyId: null,
    bucketOwner: null,
    tags: { project: 'fdnix' },
    vpc: { securityGroupIds: ['sg-1'], subnetIds: ['subnet-1'] },
    requestsPerMinute: 60_000,
    tokensPerMinute: 60_000_000,
    charactersPerToken: 4.7,
    batchPrice: 0.01,
    onDemandPrice: 0.02,
    region: 'us-east-1',
    endpoints: { s3: s3Endpoint, bedrock: endpoint, bedrockRuntime: endpoint, lambda: null },
    pathStyle: true,
    maxAttempts: 5,
    batch: { roleArn: 'arn:aws:iam::123456789012:role/fdnix-batch', inputBucket: bucket, outputBucket: bucket },
    dataset: 'test-000000',
    stateDirectory,
    backoffMs: 5,
    settleMs: 50,
  };
}

export function textsNamed(name: string, count: number): PendingText[] {
  return Array.from({ length: count }, (_, i) => {
    const text = `${name} ${i}\na package with \u2028 and \u0085 in its text`;
    return { hash: contentHash(text), text };
  });
}

/** Embeds what is not in flight, as the phase does; the vectors by hash. */
export async function embedAll(
  { settings, context }: Pick<Harness, 'settings' | 'context'>,
  texts: readonly PendingText[],
): Promise<{ vectors: Map<string, Float32Array>; outcome: EmbeddingOutcome; provider: BedrockProvider }> {
  const provider = new BedrockProvider(settings);
  const vectors = new Map<string, Float32Array>();
  const inFlight = await provider.inFlight(context);
  const stream = provider.embed(
    texts.filter(({ hash }) => !inFlight.has(hash)),
    context,
  );
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { vectors, outcome: value, provider };
    for (const { hash, vector } of value) vectors.set(hash, vector);
  }
}

/** Texts whose vector is not the one that the simulator gives for them. */
export function wrongVectors(texts: readonly PendingText[], vectors: ReadonlyMap<string, Float32Array>): string[] {
  return texts
    .filter(({ hash, text }) => {
      const expected = Float32Array.from(textVector(text, 256));
      const found = vectors.get(hash);
      return found === undefined || expected.some((value, i) => value !== found[i]);
    })
    .map(({ text }) => text);
}
