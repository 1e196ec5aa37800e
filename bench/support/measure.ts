/** Measures whole processes: wall time, processor time and peak memory. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

export interface Usage {
  wallSeconds: number;
  cpuSeconds: number;
  /** The largest resident set of any one process, MiB. */
  peakMiB: number;
}

const reporter = fileURLToPath(new URL('report-usage.mjs', import.meta.url));

/** Runs Node with these arguments to its end; throws with its output where it fails. */
export async function measure(args: string[]): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), 'measure-'));
  const file = join(folder, 'usage.jsonl');
  try {
    const start = performance.now();
    const child = spawn(execPath, args, {
      env: { ...env, NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --import=${reporter}`, FDNIX_BENCH_USAGE: file },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    }
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    const wallSeconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${output}`);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const usages = lines.map((line): Omit<Usage, 'wallSeconds'> => JSON.parse(line));
    return {
      wallSeconds,
      cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
      peakMiB: Math.max(...usages.map((usage) => usage.peakMiB)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
