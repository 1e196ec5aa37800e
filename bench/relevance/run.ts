/**
 * Relevance of the search over a dataset of the recording, by kind of query, beside plain full-text search.
 *
 *   npx tsx bench/relevance/run.ts DATASET [--split tune|report] [--judged blind] [--failures] [--json] [--check] [--write-baseline] [--against DATASET] [--model DIR]
 *
 * DATASET is a main or a minified dataset of nixpkgs-2026-07-14.x86_64-linux with its file of references. `--failures` lists the
 * queries without an answer among the first ten, and those whose first hit is none. `--check` exits 1 where a kind is below
 * baseline.json, which `--write-baseline` writes. `--against` compares all queries' hits with those from another dataset, and exits 1
 * where any differ. `--model` names the directory of the local model that made the dataset's vectors: queries are embedded with it, as
 * `search` does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Table } from '@lancedb/lancedb';
import { localProvider } from '../../src/embed/local/provider.ts';
import { openSearch } from '../../src/search/index.ts';
import type { Search } from '../../src/search/index.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { ftsColumns } from '../../src/store/fts.ts';
import { searchTable } from '../../src/store/search-table.ts';
import { meanOf, measureRanking, pathsOf } from './measures.ts';
import type { Measures, Ranking } from './measures.ts';
import type { Query } from './query.ts';

const baselineFile = fileURLToPath(new URL('baseline.json', import.meta.url));
/** How far below its baseline a measure may be: less than one query of the smallest kind. */
const slack = 0.005;
const measureNames = ['success', 'mrr', 'ndcg', 'recall'] as const;

type ByKind = Record<string, Measures>;

interface Outcome {
  query: Query;
  ranking: Ranking;
  ours: Measures;
  plain: Measures;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    split: { type: 'string', default: 'report' },
    judged: { type: 'string' },
    failures: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    'write-baseline': { type: 'boolean', default: false },
    against: { type: 'string' },
    model: { type: 'string' },
  },
});
const [dataset] = positionals;
if (dataset === undefined) throw new Error('which dataset? npx tsx bench/relevance/run.ts DATASET');

const lines = readFileSync(new URL('queries.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const allQueries = lines.map((line): Query => JSON.parse(line));
/** What must be first, whatever else changes. */
const firsts: [query: string, paths: RegExp][] = [
  ['rg', /^ripgrep$/],
  ['nvim', /^neovim$/],
  ['python', /^python3$/],
  ['gtk', /^gtk[234]$/],
  ['numpy', /Packages\.numpy$/],
  ['make', /^gnumake$/],
  ['node', /^nodejs$/],
  ['libreofice', /^libreoffice$/],
];
const queries = allQueries.filter(
  ({ split, judged }) => split === values.split && (values.judged === undefined || judged === values.judged),
);
const outcomes = await measureAll(dataset, queries);
const ours = byKind(outcomes, (outcome) => outcome.ours);
const plain = byKind(outcomes, (outcome) => outcome.plain);

if (values.json) console.log(JSON.stringify({ split: values.split, ours, plain }, null, 2));
else printTables();
if (values.failures) printFailures();
if (values['write-baseline']) writeFileSync(baselineFile, `${JSON.stringify(ours, rounded, 2)}\n`);
if (values.check) {
  check(JSON.parse(readFileSync(baselineFile, 'utf8')));
  await checkFirsts(dataset);
}
if (values.against !== undefined) await compareWith(dataset, values.against);

async function measureAll(uri: string, wanted: Query[]): Promise<Outcome[]> {
  const table = await openTable(await connectDataset(uri), 'packages');
  const { catalog, search } = await openSearch(await searchTable(table));
  const clusterOf = new Map<string, string>();
  for (let row = 0; row < catalog.rows; row += 1) {
    const path = catalog.paths.text.slice(catalog.paths.starts[row], catalog.paths.starts[row + 1]);
    clusterOf.set(path, catalog.clusterIds[catalog.clusterOf[row] ?? -1] ?? path);
  }
  const packageOf = (path: string): string => clusterOf.get(path) ?? path;
  const list: Outcome[] = [];
  const model =
    values.model === undefined
      ? null
      : await localProvider({ modelPath: values.model, normalize: true, dimensions: null });
  const { signal } = new AbortController();
  for (const query of wanted) {
    const vector = model === null ? null : [...(await model.embedQuery(query.query, signal))];
    const { hits } = await search(query.query, { limit: 10, vector });
    const ranking = hits.map(pathsOf);
    const bare = await plainSearch(table, query.query);
    list.push({
      query,
      ranking,
      ours: measureRanking(query, ranking, packageOf),
      plain: measureRanking(query, bare, packageOf),
    });
  }
  await model?.close();
  return list;
}

async function open(uri: string): Promise<Search> {
  return openSearch(await searchTable(await openTable(await connectDataset(uri), 'packages')));
}

/** Whether two datasets give the same hits: the main and the minified one. */
async function compareWith(one: string, other: string): Promise<void> {
  const engines = [await open(one), await open(other)];
  let different = 0;
  for (const { query } of allQueries) {
    const [first, second] = await Promise.all(engines.map((engine) => engine.search(query, { limit: 20 })));
    if (first?.total === second?.total && JSON.stringify(first?.hits) === JSON.stringify(second?.hits)) continue;
    different += 1;
    console.error(`«${query}» has other hits in ${other}`);
  }
  console.log(`${allQueries.length} queries over both datasets: ${different} with other hits`);
  if (different > 0) process.exitCode = 1;
}

/** What LanceDB's full-text search alone finds, over the columns that are indexed. */
async function plainSearch(table: Table, query: string): Promise<Ranking> {
  const rows: { package_id: string }[] = await table
    .query()
    .fullTextSearch(query, { columns: [...ftsColumns].filter((column) => column !== 'long_description') })
    .select(['package_id', '_score'])
    .limit(10)
    .toArray();
  return rows.map((row) => [row.package_id]);
}

function byKind(list: Outcome[], measuresOf: (outcome: Outcome) => Measures): ByKind {
  const kinds = Map.groupBy(list, ({ query }) => query.kind);
  const means = [...kinds].map(([kind, entries]): [string, Measures] => [kind, meanOf(entries.map(measuresOf))]);
  means.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries([...means, ['mean over kinds', meanOf(means.map(([, measures]) => measures))]]);
}

function printTables(): void {
  const counts = Map.groupBy(outcomes, ({ query }) => query.kind);
  console.log(
    `| kind (${values.split} half) | queries | Success@10 | MRR | nDCG@10 | Recall@10 | plain FTS: Success@10 | MRR |`,
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [kind, measures] of Object.entries(ours)) {
    const cells = [
      kind,
      counts.get(kind as Query['kind'])?.length ?? outcomes.length,
      ...measureNames.map((name) => measures[name].toFixed(3)),
    ];
    console.log(`| ${[...cells, plain[kind]?.success.toFixed(3), plain[kind]?.mrr.toFixed(3)].join(' | ')} |`);
  }
}

function printFailures(): void {
  for (const { query, ranking, ours: measures } of outcomes) {
    if (measures.mrr === 1) continue;
    const wanted = query.answers.filter(({ grade }) => grade > 1).map(({ attribute_path }) => attribute_path);
    const found = ranking.slice(0, 6).map(([path]) => path);
    console.log(
      `${measures.mrr.toFixed(2)} ${query.kind} «${query.query}»: wanted ${wanted.slice(0, 6).join(', ')}; found ${found.join(', ')}`,
    );
  }
}

function check(baseline: ByKind): void {
  for (const [kind, expected] of Object.entries(baseline)) {
    for (const name of measureNames) {
      const found = ours[kind]?.[name] ?? 0;
      if (found >= expected[name] - slack) continue;
      console.error(`${kind}: ${name} fell to ${found.toFixed(3)} from ${expected[name].toFixed(3)}`);
      process.exitCode = 1;
    }
  }
}

async function checkFirsts(uri: string): Promise<void> {
  const { search } = await open(uri);
  for (const [query, expected] of firsts) {
    const [first] = (await search(query, { limit: 1 })).hits;
    if (first !== undefined && expected.test(first.attribute_path)) continue;
    console.error(`«${query}»: first is ${first?.attribute_path}, not ${expected.source}`);
    process.exitCode = 1;
  }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
