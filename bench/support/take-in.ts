/** Evaluates with a given program and reads all of it: `take-in.ts PROGRAM CACHE`. */
import { argv } from 'node:process';
import { evaluate } from '../../src/evaluate/evaluate.ts';

const [program = '', cacheDirectory = ''] = argv.slice(2);
const target = { tree: null, request: {}, revision: null, nixpkgsVersion: null, key: 'bench' };
const limits = { workers: 1, maxMemoryMiB: 4096, timeoutMinutes: 60 } as const;
const deps = { systems: ['x86_64-linux'], limits, cacheDirectory, program };
const context = { signal: new AbortController().signal, report: () => {} };
const { streams } = await evaluate(target, deps, context);
for (const { lines, finished } of streams) {
  let count = 0;
  for await (const batch of lines) count += batch.length;
  await finished?.();
  if (count === 0) throw new Error('nothing was evaluated');
}
