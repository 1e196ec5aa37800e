/** A publisher in a process of its own, to be killed: publisher.ts ENDPOINT BUCKET TEMPLATE DIRECTORY REVISION. */
import { argv, stderr } from 'node:process';
import { publishDataset } from '../../src/publish/dataset.ts';
import { graceMs, publishOptions, targetAt, useTestCredentials } from './publish.ts';

useTestCredentials();
const [endpoint = '', bucket = '', template = '', directory = '', revision = ''] = argv.slice(2);
const target = targetAt(endpoint, bucket, template, { maxAttempts: 10 });
const description = { schemaVersion: 1, revision, counts: {} };
const options = { ...publishOptions, keep: 1, graceMinutes: graceMs / 60_000 };
try {
  await publishDataset(target, directory, description, options, {
    signal: new AbortController().signal,
    report: () => undefined,
  });
} catch (error) {
  stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
