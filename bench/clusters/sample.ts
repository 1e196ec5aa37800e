/**
 * Draws joins from a dataset's clusters, to be judged by hand: 200 of all at random, and 20 more of each weaker kind of evidence.
 *
 *   npx tsx bench/clusters/sample.ts DATASET > bench/clusters/joins.jsonl
 *
 * Each line then gets its verdict: `same` (one package), `different`, or `arguable` (editions or parts of one project). What is
 * known of both packages is printed to stderr for whoever judges.
 */
import { parseArgs } from 'node:util';
import type { ClusterRow, Join } from '../../src/cluster/model.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { scanRows } from '../../src/store/scan.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [dataset] = positionals;
if (dataset === undefined) throw new Error('which dataset? npx tsx bench/clusters/sample.ts DATASET');

const connection = await connectDataset(dataset);
const joins: Join[] = [];
for await (const cluster of scanRows<ClusterRow>(await openTable(connection, 'clusters'))) joins.push(...cluster.joins);
joins.sort((a, b) => (a.package_id < b.package_id ? -1 : 1));

const next = generator(20_260_714);
const drawn = draw(joins, 200);
const strong = new Set(['derivation', 'position']);
const weak = Map.groupBy(
  joins.filter((join) => !strong.has(join.reason) && !drawn.includes(join)),
  (join) => join.reason,
);
for (const list of weak.values()) drawn.push(...draw(list, 20));

const columns = ['package_id', 'package_name', 'version', 'description', 'homepage', 'position'];
const known = new Map<string, Record<string, unknown>>();
for await (const row of scanRows<Record<string, unknown>>(await openTable(connection, 'packages'), { columns }))
  known.set(String(row['package_id']), row);
for (const [index, { package_id, joined_to, reason }] of drawn.entries()) {
  console.log(
    JSON.stringify({ package_id, joined_to, reason, sample: index < 200 ? 'random' : 'by reason', verdict: '' }),
  );
  console.error(
    `${index} ${reason} ${[package_id, joined_to].map((id) => Object.values(known.get(id) ?? {}).join(' · ')).join('\n   ')}`,
  );
}

function draw(list: Join[], count: number): Join[] {
  const left = [...list];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(next() * left.length), 1),
  ).flat();
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
