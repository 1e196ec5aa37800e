/**
 * Writes queries.jsonl: exact, prefix, typo and program queries drawn from a recording, and those of judged.yaml.
 *
 *   npx tsx bench/relevance/draw.ts RECORDING REFERENCES [--seed 20260714] [--each 60]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { seededFraction } from '../../scripts/store-hash.ts';
import { drawExact, drawPrefixes, drawPrograms, drawTypos, type Drawn } from './drawn-kinds.ts';
import { answersOf, familiesOf, gradeFamily, type Families, type Grades } from './grade.ts';
import { readPackages } from './packages.ts';
import type { Query } from './query.ts';

type Judged = Record<'words' | 'intent', Record<string, Record<string, 1 | 2 | 3>>>;

const folder = fileURLToPath(new URL('.', import.meta.url));
const pythonSets = ['python313Packages', 'python314Packages'];

function splitOf(query: string): Query['split'] {
  return seededFraction(`split:${query}`) < 0.5 ? 'tune' : 'report';
}

function judgedQueries(judged: Judged, families: Families): Query[] {
  return (['words', 'intent'] as const).flatMap((kind) =>
    Object.entries(judged[kind]).map(([query, given]): Query => {
      const grades: Grades = new Map();
      for (const [name, grade] of Object.entries(given)) {
        const attrs = name.startsWith('py.') ? pythonSets.map((set) => `${set}.${name.slice(3)}`) : [name];
        const found = attrs.map((attr) => families.byAttr.get(attr)).filter((one) => one !== undefined);
        if (found.length === 0)
          throw new Error(`judged.yaml: "${query}" names ${name}, which the recording does not have`);
        for (const one of found) gradeFamily(grades, one, grade, families);
      }
      return { query, kind, answers: answersOf(grades), split: splitOf(query), judged: 'by hand' };
    }),
  );
}

function drawnQueries(kind: Query['kind'], drawn: Drawn[]): Query[] {
  return drawn.map(({ query, grades }) => {
    return { query, kind, answers: answersOf(grades), split: splitOf(query), judged: 'drawn' };
  });
}

/** All queries, in a stable order: the same recording, references, judgements and seed give the same. */
export async function makeQueries(
  recording: string,
  references: string,
  seed: string,
  count: number,
): Promise<Query[]> {
  const packages = await readPackages(recording, references);
  const families = familiesOf(packages);
  const task = { packages, families, seed, count };
  const judged: Judged = parse(readFileSync(`${folder}judged.yaml`, 'utf8'));
  return [
    ...drawnQueries('exact', drawExact(task)),
    ...drawnQueries('prefix', drawPrefixes(task)),
    ...drawnQueries('typo', drawTypos(task)),
    ...drawnQueries('program', drawPrograms(task)),
    ...judgedQueries(judged, families),
  ];
}

export const defaults = { seed: '20260714', each: '60' };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: defaults.seed },
      each: { type: 'string', default: defaults.each },
    },
  });
  const [recording, references] = positionals;
  if (!recording || !references) throw new Error('usage: draw.ts RECORDING REFERENCES [--seed N] [--each N]');
  const queries = await makeQueries(recording, references, values.seed, Number(values.each));
  writeFileSync(`${folder}queries.jsonl`, queries.map((query) => `${JSON.stringify(query)}\n`).join(''));
  stderr.write(`${queries.length} queries\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
