/**
 * What it costs to take in an evaluation as it arrives (read, check, spool, read again) against a bare pass over the same lines: a
 * stand-in for nix-eval-jobs prints a recording as fast as it can.
 *
 *   npx tsx bench/evaluate.ts RECORDING [--pairs 3] [--json]
 */
import { chmodSync, createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, stdout } from 'node:process';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readBytes } from '../src/source/lines.ts';
import { measure, median, type Usage } from './support/measure.ts';

const barePass = fileURLToPath(new URL('bare-pass.ts', import.meta.url));
const takeIn = fileURLToPath(new URL('support/take-in.ts', import.meta.url));

/** A program that answers as nix-eval-jobs does and prints a file. */
function standIn(folder: string, lines: string): string {
  const flags = ['apply', 'meta', 'no-instantiate', 'max-memory-size', 'workers', 'expr', 'impure'];
  const help = flags.map((flag) => `  --${flag}  x`).join('\n');
  const version = JSON.stringify({ attr: 'v', attrPath: ['v'], name: '0' });
  const program = join(folder, 'nix-eval-jobs');
  const cases = [
    `--help) cat <<'END'\n${help}\nEND\n;;`,
    `*nixVersion*) echo '${version}';;`,
    `*) exec cat '${lines}';;`,
  ];
  writeFileSync(program, `#!/bin/sh\nfor last; do :; done\ncase "$last" in\n${cases.join('\n')}\nesac\n`);
  chmodSync(program, 0o755);
  return program;
}

function show(label: string, { wallSeconds, cpuSeconds, peakMiB }: Usage): string {
  return `${label.padEnd(12)} ${wallSeconds.toFixed(2).padStart(8)} s wall ${cpuSeconds.toFixed(2).padStart(8)} s cpu ${peakMiB.toFixed(0).padStart(6)} MiB\n`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const [recording] = positionals;
if (!recording) throw new Error('usage: evaluate.ts RECORDING');
const folder = mkdtempSync(join(tmpdir(), 'bench-evaluate-'));
try {
  const lines = join(folder, 'lines.jsonl');
  await pipeline(readBytes(recording, new AbortController().signal), createWriteStream(lines));
  const program = standIn(folder, lines);
  const pairs: { bare: Usage; taken: Usage }[] = [];
  for (let index = 0; index < Number(values.pairs); index += 1) {
    const bare = await measure([barePass, lines]);
    const taken = await measure(['--import', 'tsx', takeIn, program, join(folder, `cache-${index}`)]);
    pairs.push({ bare, taken });
    if (!values.json) stdout.write(show('bare pass', bare) + show('taken in', taken));
  }
  const cpuRatio = median(pairs.map(({ bare, taken }) => taken.cpuSeconds / bare.cpuSeconds));
  const peakMiB = Math.max(...pairs.map(({ taken }) => taken.peakMiB));
  if (values.json) stdout.write(`${JSON.stringify({ recording, node: execPath, pairs, cpuRatio, peakMiB })}\n`);
  else stdout.write(`taken in / bare pass: ${cpuRatio.toFixed(2)} cpu; peak ${peakMiB.toFixed(0)} MiB\n`);
} finally {
  rmSync(folder, { recursive: true });
}
