/**
 * Writes queries.jsonl: exact, prefix, typo and program queries drawn from a recording, and those of judged.yaml and blind.yaml.
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

type Judged = Partial<Record<Query['kind'], Record<string, Record<string, 1 | 2 | 3>>>>;

const folder = fileURLToPath(new URL('.', import.meta.url));
const pythonSets = ['python313Packages', 'python314Packages'];

function splitOf(query: string): Query['split'] {
  return seededFraction(`split:${query}`) < 0.5 ? 'tune' : 'report';
}

function judgedQueries(name: string, judged: Query['judged'], families: Families): Query[] {
  const kinds: Judged = parse(readFileSync(`${folder}${name}`, 'utf8'));
  return (['words', 'intent', 'alias'] as const).flatMap((kind) =>
    Object.entries(kinds[kind] ?? {}).map(([query, given]): Query => {
      const grades: Grades = new Map();
      for (const [answer, grade] of Object.entries(given)) {
        const attrs = answer.startsWith('py.') ? pythonSets.map((set) => `${set}.${answer.slice(3)}`) : [answer];
        const found = attrs.map((attr) => families.byAttr.get(attr)).filter((one) => one !== undefined);
        if (found.length === 0)
          throw new Error(`${name}: "${query}" names ${answer}, which the recording does not have`);
        for (const one of found) gradeFamily(grades, one, grade, families);
      }
      return { query, kind, answers: answersOf(grades), split: splitOf(query), judged };
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
  return [
    ...drawnQueries('exact', drawExact(task)),
    ...drawnQueries('prefix', drawPrefixes(task)),
    ...drawnQueries('typo', drawTypos(task)),
    ...drawnQueries('program', drawPrograms(task)),
    ...judgedQueries('judged.yaml', 'by hand', families),
    ...judgedQueries('blind.yaml', 'blind', families),
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
