/**
 * How long a page of results takes, beside one bare LanceDB full-text query for the same words, in turn in one process.
 *
 *   npx tsx bench/search-speed.ts DATASET [--rounds 3] [--json]
 *
 * Queries are those of bench/relevance. Opening and the first query are measured in processes of their own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openSearch } from '../src/search/index.ts';
import { connectDataset, openTable } from '../src/store/connection.ts';
import { searchTable } from '../src/store/search-table.ts';
import type { Query } from './relevance/query.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
  },
});
const [dataset] = positionals;
if (dataset === undefined) throw new Error('which dataset? npx tsx bench/search-speed.ts DATASET');

if (values.first) console.log(JSON.stringify(await measureFirst(dataset)));
else report(await measureQueries(dataset), measureFirsts(dataset));

interface First {
  load: number;
  open: number;
  first: number;
  second: number;
}

/** Milliseconds of a fresh process: loading LanceDB, opening the dataset, its first and its second query. */
async function measureFirst(uri: string): Promise<First> {
  const times = [performance.now()];
  await import('@lancedb/lancedb');
  times.push(performance.now());
  const engine = await openSearch(await searchTable(await openTable(await connectDataset(uri), 'packages')));
  times.push(performance.now());
  for (const query of ['web server', 'image viewer']) {
    await engine.search(query, { limit: 10 });
    times.push(performance.now());
  }
  const [load = 0, open = 0, first = 0, second = 0] = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return { load, open, first, second };
}

function measureFirsts(uri: string): First[] {
  const script = fileURLToPath(import.meta.url);
  return Array.from({ length: 5 }, () => {
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', script, uri, '--first'], { encoding: 'utf8' });
    const first: First = JSON.parse(stdout);
    return first;
  });
}

async function measureQueries(uri: string): Promise<{ ours: number[]; bare: number[] }> {
  const table = await openTable(await connectDataset(uri), 'packages');
  const engine = await openSearch(await searchTable(table));
  const lines = readFileSync(new URL('relevance/queries.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const queries = lines.map((line): Query => JSON.parse(line)).map(({ query }) => query);
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const query of queries) {
      const start = performance.now();
      await engine.search(query, { limit: 10 });
      const middle = performance.now();
      await table
        .query()
        .fullTextSearch(query, { columns: ['description'] })
        .limit(10)
        .toArray();
      const end = performance.now();
      // The first round warms up both.
      if (round === 0) continue;
      ours.push(middle - start);
      bare.push(end - middle);
    }
  }
  return { ours, bare };
}

function report({ ours, bare }: { ours: number[]; bare: number[] }, firsts: First[]): void {
  const rows = [50, 90, 99].map((share) => ({ share, ours: percentile(ours, share), bare: percentile(bare, share) }));
  const median = (name: keyof First): number =>
    percentile(
      firsts.map((first) => first[name]),
      50,
    );
  const first = { load: median('load'), open: median('open'), first: median('first'), second: median('second') };
  if (values.json) {
    console.log(JSON.stringify({ queries: ours.length, percentiles: rows, process: first }, null, 2));
    return;
  }
  console.log(`${ours.length} queries        one page    bare query   ratio`);
  for (const row of rows) {
    console.log(
      `p${row.share}        ${row.ours.toFixed(1).padStart(12)} ms ${row.bare.toFixed(1).padStart(10)} ms ${(row.ours / row.bare).toFixed(1).padStart(7)}`,
    );
  }
  const parts = Object.entries(first).map(([name, time]) => `${name} ${time.toFixed(0)} ms`);
  console.log(`a fresh process (median of ${firsts.length}): ${parts.join(', ')}`);
}

function percentile(times: number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN;
}
