import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { PublishOptions } from '../../src/publish/dataset.ts';
import type { Target } from '../../src/publish/remote-state.ts';
import { openBucket, type S3Settings } from '../../src/publish/s3-client.ts';
import type { ReportEvent, StageContext } from '../../src/report/event.ts';
import { testCredentials } from './s3-server.ts';

/** Credentials of the test servers for the SDK's chain, which reads the environment. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = testCredentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = testCredentials.secretAccessKey;
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
}

/** A folder that is removed after the test. */
export async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fdnix-publish-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A stage context that keeps its events. */
export function listening(
  signal: AbortSignal = new AbortController().signal,
): StageContext & { events: ReportEvent[] } {
  const events: ReportEvent[] = [];
  return { signal, events, report: (event) => void events.push(event) };
}

/** A target in a bucket behind an endpoint. */
export function targetAt(
  endpoint: string,
  bucket: string,
  template: string,
  settings: Partial<S3Settings> = {},
  idle = 5_000,
): Target {
  return {
    template,
    setting: 's3.dataKey',
    bucket: openBucket(
      {
        bucket,
        region: 'us-east-1',
        endpoint,
        pathStyle: 'auto',
        maxAttempts: 5,
        concurrency: 8,
        storageClass: null,
        kmsKeyId: null,
        ...settings,
      },
      { connect: 2_000, idle },
    ),
  };
}

/** The grace of publishers whose readers are watched: longer than most of these take, and short enough that files go meanwhile. */
export const graceMs = 3_000;

export const publishOptions: PublishOptions = { keep: 3, graceMinutes: 60, conditionalWrites: 'auto', lockTtl: 3_000 };

/** Storage options for LanceDB's own client. */
export function lanceOptions(endpoint: string): Record<string, string> {
  return {
    region: 'us-east-1',
    endpoint,
    allowHttp: 'true',
    accessKeyId: testCredentials.accessKeyId,
    secretAccessKey: testCredentials.secretAccessKey,
  };
}
