/**
 * What half precision costs a search by vectors, as the minified dataset keeps them: how many of the ten nearest texts in single
 * precision are still among the ten nearest, both found by comparing with all of them.
 *
 *   npx tsx bench/half-precision.ts DATASET [--queries 300] [--json]
 *
 * DATASET is a main dataset with vectors; nothing is written to it. Every n-th text is a query.
 */
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { connectDataset, openTable } from '../src/store/connection.ts';
import { scanRows } from '../src/store/scan.ts';

const nearestCount = 10;

/** Vectors of the distinct texts, with length one. */
async function readVectors(path: string): Promise<Float32Array[]> {
  const table = await openTable(await connectDataset(path), 'packages');
  const byText = new Map<string, Float32Array>();
  const columns = ['content_hash', 'vector'];
  for await (const row of scanRows<{ content_hash: string; vector: number[] | null }>(table, { columns })) {
    if (row.vector === null || byText.has(row.content_hash)) continue;
    const length = Math.hypot(...row.vector);
    byText.set(
      row.content_hash,
      Float32Array.from(row.vector, (value) => value / length),
    );
  }
  return [...byText.values()];
}

/** Indexes of the vectors nearest to a query other than itself, the nearest first. */
function nearest(vectors: Float32Array[], query: number): number[] {
  const wanted = vectors[query] ?? new Float32Array();
  const found: { index: number; score: number }[] = [];
  for (const [index, vector] of vectors.entries()) {
    if (index === query) continue;
    let score = 0;
    for (let place = 0; place < wanted.length; place += 1) score += (wanted[place] ?? 0) * (vector[place] ?? 0);
    if (found.length === nearestCount && score <= (found.at(-1)?.score ?? 0)) continue;
    found.push({ index, score });
    found.sort((a, b) => b.score - a.score);
    found.length = Math.min(found.length, nearestCount);
  }
  return found.map(({ index }) => index);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { queries: { type: 'string', default: '300' }, json: { type: 'boolean', default: false } },
});
const [dataset] = positionals;
if (dataset === undefined) {
  stderr.write('usage: half-precision.ts DATASET [--queries 300] [--json]\n');
  exit(2);
}
const single = await readVectors(dataset);
const half = single.map((vector) => Float32Array.from(new Float16Array(vector)));
const step = Math.max(1, Math.floor(single.length / Number(values.queries)));
let [queries, kept, first] = [0, 0, 0];
for (let query = 0; query < single.length; query += step) {
  const [before, after] = [nearest(single, query), nearest(half, query)];
  queries += 1;
  kept += before.filter((index) => after.includes(index)).length / nearestCount;
  first += Number(before[0] === after[0]);
}
const result = {
  texts: single.length,
  dimensions: single[0]?.length ?? 0,
  queries,
  recallAt10: kept / queries,
  sameFirst: first / queries,
};
stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.texts} texts, ${result.dimensions} dimensions, ${queries} queries: recall@10 ${result.recallAt10.toFixed(4)}, ` +
        `the same nearest text ${result.sameFirst.toFixed(4)}\n`,
);
