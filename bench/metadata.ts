/**
 * The metadata phase against a bare pass over the same recording, whole processes in turn; then over a recording N times as large.
 *
 *   npx tsx bench/metadata.ts RECORDING [--references FILE] [--pairs 5] [--times 10] [--large-pairs 1] [--cli=dist/cli.js] [--json]
 *
 * `--cli` is what Node runs: `dist/cli.js` after `npm run build` (the default), or `--cli="--import tsx src/cli.ts"` for the sources. `--times 0` leaves the
 * large recording out. Each run writes a new dataset.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scaleRecording } from './scale.ts';
import { measure, median, type Usage } from './support/measure.ts';

interface Pair {
  bare: Usage;
  metadata: Usage;
}

const barePass = fileURLToPath(new URL('bare-pass.ts', import.meta.url));

function metadataArgs(cli: string, recording: string, references: string | undefined, out: string): string[] {
  const settings = [
    'nixpkgs.source=jsonl',
    `nixpkgs.path=${recording}`,
    ...(references ? [`nixpkgs.references=${references}`] : []),
    `output.path=${out}`,
    `output.dependencyPath=${out}.dependencies.json`,
    'embedding.provider=none',
  ];
  const sets = settings.flatMap((setting) => ['--set', setting]);
  return [...cli.split(' '), 'run', '--mode', 'metadata', ...sets];
}

async function measurePair(cli: string, recording: string, references: string | undefined): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-metadata-'));
  try {
    // Plain JavaScript types are stripped by Node itself: the baseline carries no loader.
    const bare = await measure([barePass, recording]);
    const metadata = await measure(metadataArgs(cli, recording, references, join(folder, 'data.lancedb')));
    return { bare, metadata };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function show(label: string, { wallSeconds, cpuSeconds, peakMiB }: Usage): string {
  return `${label.padEnd(12)} ${wallSeconds.toFixed(2).padStart(8)} s wall ${cpuSeconds.toFixed(2).padStart(8)} s cpu ${peakMiB.toFixed(0).padStart(6)} MiB\n`;
}

async function measurePairs(count: number, one: () => Promise<Pair>, print: (text: string) => void): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index += 1) {
    const pair = await one();
    pairs.push(pair);
    print(show('bare pass', pair.bare) + show('metadata', pair.metadata));
  }
  return pairs;
}

/** What a set of pairs says: ratios are medians of the pairs' own ratios, memory is the largest seen. */
function summary(pairs: Pair[]) {
  return {
    wallRatio: median(pairs.map(({ bare, metadata }) => metadata.wallSeconds / bare.wallSeconds)),
    cpuRatio: median(pairs.map(({ bare, metadata }) => metadata.cpuSeconds / bare.cpuSeconds)),
    wallSeconds: median(pairs.map(({ metadata }) => metadata.wallSeconds)),
    peakMiB: Math.max(...pairs.map(({ metadata }) => metadata.peakMiB)),
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    references: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    times: { type: 'string', default: '10' },
    'large-pairs': { type: 'string', default: '1' },
    cli: { type: 'string', default: 'dist/cli.js' },
    json: { type: 'boolean', default: false },
  },
});
const [recording] = positionals;
if (!recording || !existsSync(recording)) throw new Error(`usage: metadata.ts RECORDING …; found ${recording}`);
const { references, cli } = values;
const times = Number(values.times);
const print = (text: string) => {
  if (!values.json) stdout.write(text);
};

const usual = await measurePairs(Number(values.pairs), () => measurePair(cli, recording, references), print);
const result = { pairs: usual, ...summary(usual) };
print(
  `metadata / bare pass: ${result.wallRatio.toFixed(2)} wall, ${result.cpuRatio.toFixed(2)} cpu; peak ${result.peakMiB.toFixed(0)} MiB\n`,
);

let large: (ReturnType<typeof summary> & { pairs: Pair[]; timesAsLong: number }) | null = null;
if (times > 1) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-large-'));
  try {
    const path = join(folder, 'large.jsonl.zst');
    await scaleRecording(recording, path, times);
    print(`\n${times} times the rows\n`);
    const pairs = await measurePairs(Number(values['large-pairs']), () => measurePair(cli, path, references), print);
    const figures = summary(pairs);
    large = { pairs, ...figures, timesAsLong: figures.wallSeconds / result.wallSeconds };
    print(`${large.timesAsLong.toFixed(2)} times as long; peak ${large.peakMiB.toFixed(0)} MiB\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
if (values.json) stdout.write(`${JSON.stringify({ recording, times, usual: result, large })}\n`);
