import type { Table } from '@lancedb/lancedb';
import type { Config } from '../config/config.generated.ts';
import { KnownError, UsageError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { formatCount } from '../report/format.ts';
import type { Explanation, Hit, SearchResult } from '../search/index.ts';
import { openTable } from '../store/connection.ts';
import { datasetOption, openDataset, type OpenDataset } from './dataset.ts';
import { defineCommand } from './define.ts';
import { lastOf } from './global.ts';
import { cut, lineWidth, oneLine, styled } from './text.ts';

const text = (name: string, describe: string) =>
  ({ type: 'string', requiresArg: true, describe, coerce: lastOf(name) }) as const;
const flag = (describe: string) => ({ type: 'boolean', describe }) as const;

/** How many other attribute paths a hit shows in a terminal. */
const shownVariants = 5;

export const search = defineCommand({
  command: 'search <query..>',
  describe: 'Find packages by name, program or what they do',
  positionals: {
    query: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'What to look for; words may be prefixes or misspelt',
    },
  },
  options: {
    ...datasetOption,
    limit: { type: 'number', requiresArg: true, alias: 'n', describe: 'Hits on a page (default: search.limit)' },
    page: { type: 'number', requiresArg: true, default: 1, describe: 'Which page' },
    license: text('license', 'SPDX identifier that its license has'),
    platform: text('platform', 'Platform that it lists (meta.platforms)'),
    system: text('system', 'System on which it is available'),
    maintainer: text('maintainer', "A maintainer's GitHub handle"),
    category: text('category', 'Its category'),
    program: text('program', 'Its main program'),
    broken: flag('Only broken ones; --no-broken: none of them'),
    unfree: flag('Only unfree ones; --no-unfree: none of them'),
    insecure: flag('Only insecure ones; --no-insecure: none of them'),
    available: flag('Only those available on the first system; --no-available: the others'),
    'min-quality': {
      type: 'number',
      requiresArg: true,
      describe: 'Least completeness of its metadata, 0 to 1 (default: search.minQuality)',
    },
    vectors: {
      type: 'boolean',
      default: true,
      describe: 'Also by meaning, where the dataset has vectors and the query can be embedded here',
    },
    explain: { type: 'boolean', default: false, describe: 'Say where each score came from' },
  },
  examples: [
    ['$0 search rg', 'by program'],
    ['$0 search web server --no-unfree', 'by what it does'],
    ['$0 search python json --license MIT --json', 'as one JSON object'],
  ],
  async run(args, { cwd, load, print, printJson, report, signal }) {
    const { config } = await load(
      [
        { key: 'search.limit', value: args.limit, flag: '--limit' },
        { key: 'search.minQuality', value: args['min-quality'], flag: '--min-quality' },
      ].filter(({ value }) => value !== undefined),
    );
    if (!Number.isInteger(args.page) || args.page < 1) throw new UsageError('--page: pages are numbered from 1');
    const [{ openSearch }, { searchTable }, dataset] = await Promise.all([
      import('../search/index.ts'),
      import('../store/search-table.ts'),
      openDataset(config, args.dataset, { cwd, signal }),
    ]);
    const engine = await openSearch(await searchTable(dataset.packages));
    const { limit, minQuality, nprobes, refineFactor } = config.search;
    const { license, platform, system, maintainer, category, program, broken, unfree, insecure, available } = args;
    const words = args.query.join(' ');
    const result = await engine.search(words, {
      vector: args.vectors ? await queryVector(config, dataset.packages, words, { report, signal }) : null,
      limit,
      offset: (args.page - 1) * limit,
      filters: {
        license,
        platform,
        system,
        maintainer,
        category,
        program,
        broken,
        unfree,
        insecure,
        available,
        minQuality,
      },
      nprobes,
      refineFactor,
      explain: args.explain,
    });
    if (system !== undefined && result.total === 0) await expectSystem(dataset, system);
    if (args.json) return printJson(result);
    return print(renderResult(result));
  },
});

/** Nothing is found on a system that was not evaluated, which is not what «nothing» seems to say. */
async function expectSystem({ connection }: OpenDataset, system: string): Promise<void> {
  const { systemsOf } = await import('../store/dependency-graph.ts');
  const systems = await systemsOf(await openTable(connection, 'dependencies'));
  if (!systems.includes(system)) throw new KnownError(`--system ${system}: the dataset has ${systems.join(', ')}`);
}

/** The query's vector; null, with a word on why, where the dataset has vectors that nothing here can make one for. */
async function queryVector(
  config: Config,
  packages: Table,
  words: string,
  { report, signal }: StageContext,
): Promise<number[] | null> {
  const { vectorColumn } = await import('../store/vector-column.ts');
  const vectors = await vectorColumn(packages);
  if (vectors === null) return null;
  const { embedQuery } = await import('../embed/query.ts');
  try {
    return [...(await embedQuery(config, vectors, words, signal))];
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    report({ type: 'info', message: `searching by words alone (--no-vectors): ${error.message}` });
    return null;
  }
}

function renderResult(result: SearchResult): string {
  if (result.total === 0) return `nothing found for ${JSON.stringify(result.query)}\n`;
  const last = result.offset + result.hits.length;
  const shown = result.hits.length === 0 ? 'none on this page' : `${result.offset + 1}–${last}`;
  const summary = styled('dim', `${shown} of ${formatCount(result.total)}, ${Math.ceil(result.milliseconds)} ms`);
  return `${[...result.hits.map((hit) => renderHit(hit)), summary].join('\n')}\n`;
}

function renderHit(hit: Hit): string {
  const marks = [
    hit.broken && 'broken',
    hit.insecure && 'insecure',
    hit.unfree && 'unfree',
    !hit.available && !hit.broken && 'unavailable',
  ].filter((mark) => mark !== false);
  const head = [
    styled('bold', hit.attribute_path),
    hit.version ?? '',
    marks.length > 0 ? styled('yellow', `(${marks.join(', ')})`) : '',
  ];
  const lines = [head.filter((part) => part !== '').join(' ')];
  if (hit.description !== null) lines.push(`  ${cut(oneLine(hit.description), lineWidth() - 2)}`);
  if (hit.variants.length > 0) lines.push(styled('dim', `  ${cut(variantsLine(hit), lineWidth() - 2)}`));
  if (hit.explanation !== undefined) lines.push(...renderExplanation(hit.score, hit.explanation));
  return lines.join('\n');
}

function variantsLine({ variants }: Hit): string {
  const paths = variants.slice(0, shownVariants).map((variant) => variant.attribute_path);
  const more = variants.length - paths.length;
  return `also ${paths.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function renderExplanation(score: number, { points, terms, whole, meaning }: Explanation): string[] {
  const parts = Object.entries(points)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`);
  const matched = terms.map(
    ({ word, name, text: share, weight }) =>
      `    ${word} (weight ${weight.toFixed(2)}): in names ${name}, in the description ${share.toFixed(2)}`,
  );
  if (whole !== null) matched.push(`    as one name: ${whole}`);
  if (meaning !== null) matched.push(`    meaning: ${meaning.toFixed(2)}`);
  return [
    styled('dim', `  ${score.toFixed(2)} = ${parts.join(' + ').replaceAll('+ -', '- ')}`),
    ...matched.map((line) => styled('dim', line)),
  ];
}
