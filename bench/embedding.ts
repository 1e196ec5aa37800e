/**
 * Embeds a recording with batch jobs, against the simulator and an S3 server on this machine, and tells what the process took.
 *
 *   npx tsx bench/embedding.ts RECORDING [--jobs 40] [--batch-size 1000] [--job-seconds 10] [--json]
 *
 * `--jobs` is embedding.bedrock.maxConcurrentJobs. The recording is indexed first; then `embed` is measured alone: wall time, and the peak
 * of its resident set (VmHWM of /proc, looked at every tenth of a second). Every vector is checked. Needs versitygw or moto_server on PATH.
 */
import { resolve } from 'node:path';
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { checkVectors, embeddingSite } from '../tests/support/embedding-site.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '40' },
    'batch-size': { type: 'string', default: '1000' },
    'job-seconds': { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const [recording] = positionals;
if (recording === undefined) {
  stderr.write(
    'usage: npx tsx bench/embedding.ts RECORDING [--jobs 40] [--batch-size 1000] [--job-seconds 10] [--json]\n',
  );
  exit(2);
}

const cleanups: (() => unknown)[] = [];
const jobs = Number(values.jobs);
const delay = (Number(values['job-seconds']) * 1000) / 4;
const delays = { Submitted: delay, Validating: delay, Scheduled: delay, InProgress: delay };
try {
  const site = await embeddingSite(
    { after: (cleanup) => cleanups.push(cleanup) },
    { maxJobs: jobs, delays },
    { batchSize: Number(values['batch-size']), maxConcurrentJobs: jobs },
  );
  const run = async (...args: string[]) => {
    const started = performance.now();
    const { code, stderr: said, peak } = await site.cli(args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${said}`);
    const steps = said.split('\n').filter((line) => /^ {2}\S.*, [\d.]+ (s|min)/.test(line));
    return { seconds: (performance.now() - started) / 1000, peakMiB: peak / 2 ** 20, steps };
  };
  const source = ['--set', 'nixpkgs.source=jsonl', '--set', `nixpkgs.path=${resolve(recording)}`];
  const metadata = await run('run', '--mode', 'metadata', ...source);
  const embedding = await run('embed');
  const started = performance.now();
  const { rows, texts, wrong } = await checkVectors(site.dataset);
  if (wrong.length > 0) throw new Error(`${wrong.length} packages have not the vector of their text`);
  const checking = { seconds: (performance.now() - started) / 1000 };
  const { jobs: created, peakJobs, batchRecords, onDemandRecords } = site.simulator.bill();
  const bill = { jobs: created, peakJobs, batchRecords, onDemandRecords };
  const result = { packages: rows, texts: texts.size, ...bill, metadata, embedding, checking };
  if (values.json) stdout.write(`${JSON.stringify(result)}\n`);
  else {
    stdout.write(
      `${rows} packages, ${texts.size} texts; ${created} jobs, at most ${peakJobs} at a time, ${batchRecords} records, ` +
        `${onDemandRecords} calls on demand\nmetadata ${metadata.seconds.toFixed(1)} s; embed ${embedding.seconds.toFixed(1)} s, peak ` +
        `${Math.round(embedding.peakMiB)} MiB; checking ${checking.seconds.toFixed(1)} s\n${embedding.steps.join('\n')}\n`,
    );
  }
} finally {
  for (const cleanup of cleanups.toReversed()) await cleanup();
}
