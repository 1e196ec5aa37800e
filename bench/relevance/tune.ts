/**
 * Tries other values for the ranking knobs, one after the other, on the tune half of the queries; prints what helps.
 *
 *   npx tsx bench/relevance/tune.ts DATASET [--rounds 2] [--knobs name,name]
 *
 * What it prints is a proposal: a value goes into src/search/knobs.ts where its reason holds as well.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openSearch } from '../../src/search/index.ts';
import { knobs } from '../../src/search/knobs.ts';
import { weigh } from '../../src/search/prior.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { searchTable } from '../../src/store/search-table.ts';
import type { Matches, SearchTable } from '../../src/store/search-table.ts';
import { meanOf, measureRanking, pathsOf } from './measures.ts';
import type { Measures } from './measures.ts';
import type { Query } from './query.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '2' }, knobs: { type: 'string' } },
});
const [dataset] = positionals;
if (dataset === undefined) throw new Error('which dataset? npx tsx bench/relevance/tune.ts DATASET');

const lines = readFileSync(new URL('queries.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const queries = lines.map((line): Query => JSON.parse(line)).filter((query) => query.split === 'tune');
const table = remembering(await searchTable(await openTable(await connectDataset(dataset), 'packages')));
const { catalog, search } = await openSearch(table);
const packages = new Map<string, string>();
for (let row = 0; row < catalog.rows; row += 1) {
  const path = catalog.paths.text.slice(catalog.paths.starts[row], catalog.paths.starts[row + 1]);
  packages.set(path, catalog.clusterIds[catalog.clusterOf[row] ?? -1] ?? path);
}

/** Knobs that are numbers, as paths: `modules`, `name.prefix`. */
type Tree = Record<string, unknown>;
const fixed = new Set([
  'maxQueryLength',
  'maxTerms',
  'relevance',
  'vectorCandidates',
  'vector',
  'lookedAt',
  'typoMaxLength',
  'typoMinLength',
  'typoTwoFrom',
  'minInfix',
  'broken',
  'insecure',
  'unavailable',
  'exactTopLevel',
]);
const names = values.knobs?.split(',') ?? namesOf(knobs).filter((name) => !fixed.has(name));

let best = await objective();
console.log(`start ${best.toFixed(4)}`);
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const name of names) {
    const value = read(name);
    let kept = value;
    for (const factor of round === 0 ? [0.7, 1.4] : [0.88, 1.14]) {
      write(name, value * factor);
      const score = await objective();
      if (score <= best + 0.0005) continue;
      best = score;
      kept = value * factor;
    }
    write(name, kept);
    if (kept !== value) console.log(`${name} ${value.toPrecision(3)} -> ${kept.toPrecision(3)}: ${best.toFixed(4)}`);
  }
}

/** The mean over kinds of MRR, nDCG and success; the first counts most. */
async function objective(): Promise<number> {
  Object.assign(catalog, weigh(catalog));
  const byKind = new Map<string, Measures[]>();
  for (const query of queries) {
    const { hits } = await search(query.query, { limit: 10 });
    const ranking = hits.map(pathsOf);
    const list = byKind.get(query.kind) ?? [];
    list.push(measureRanking(query, ranking, (path) => packages.get(path) ?? path));
    byKind.set(query.kind, list);
  }
  const { mrr, ndcg, success } = meanOf([...byKind.values()].map(meanOf));
  return 0.5 * mrr + 0.25 * ndcg + 0.25 * success;
}

/** A table whose answers are kept, so that only ranking is done again. */
function remembering(inner: SearchTable): SearchTable {
  const known = new Map<string, Promise<Matches>>();
  return {
    ...inner,
    match(words, column, typos = 0) {
      const key = `${column} ${typos} ${words}`;
      const found = known.get(key) ?? inner.match(words, column, typos);
      known.set(key, found);
      return found;
    },
  };
}

function namesOf(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'number' ? [prefix + name] : namesOf(value as Tree, `${prefix}${name}.`),
  );
}

function place(name: string): [Tree, string] {
  const parts = name.split('.');
  const last = parts.pop() ?? '';
  return [parts.reduce<Tree>((tree, part) => tree[part] as Tree, knobs as Tree), last];
}

function read(name: string): number {
  const [tree, last] = place(name);
  return Number(tree[last]);
}

function write(name: string, value: number): void {
  const [tree, last] = place(name);
  tree[last] = value;
}
