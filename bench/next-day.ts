/**
 * Makes the next day's recording from a recording: some versions bumped, with the derivation paths of all that depends on them,
 * some descriptions edited, some attributes added and some removed.
 *
 *   npx tsx bench/next-day.ts RECORDING OUT [--seed 1] [--list FILE] [--bump 0.01] [--describe 0.002] [--add 0.003] [--remove 0.003]
 *
 * RECORDING and OUT are JSONL, plain, .gz or .zst. `--list` writes what was done as JSON (see ChangeList).
 */
import { writeFileSync } from 'node:fs';
import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nextLines } from './support/next-day-lines.ts';
import { planNextDay, type Plan, type Rates } from './support/next-day-plan.ts';
import { readLines, writeLines } from './support/recording-io.ts';
import { readGraph, type RecordingGraph } from './support/recording-graph.ts';

/** What was done: lists of attribute paths, sorted. An attribute that was bumped or rebuilt may have been described anew as well. */
export interface ChangeList {
  seed: number;
  rates: Rates;
  /** Version, name, derivation path and outputs are others. */
  bumped: string[];
  /** The derivation path and the outputs alone are others, because something that it depends on was bumped. */
  rebuilt: string[];
  /** The description is another. */
  described: string[];
  added: string[];
  removed: string[];
  /** Packages whose own line is another: the union of bumped, rebuilt and described. */
  changed: string[];
  /** Rows of `dependencies`: those of bumped packages, and those with an input that leads to another attribute path now, or to none. */
  dependencies: { changed: string[]; added: string[]; removed: string[] };
}

export const defaultRates: Rates = { bump: 0.01, describe: 0.002, add: 0.003, remove: 0.003 };

/** The attribute path that stands for a derivation: the shortest, then the first by code point. */
function representative(attrs: string[]): string | undefined {
  return attrs.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}

function changedDependencies(graph: RecordingGraph, plan: Plan): string[] {
  const moved = graph.derivations.map(({ attrs }) => {
    const staying = attrs.filter((attr) => !plan.removed.has(attr));
    return representative(attrs) !== representative(staying);
  });
  const changed: string[] = [];
  for (const [attr, { inputs }] of graph.packages) {
    if (plan.removed.has(attr)) continue;
    if (plan.bumped.has(attr) || inputs.some((input) => moved[input])) changed.push(attr);
  }
  return changed;
}

function sorted(attrs: Iterable<string>): string[] {
  return [...attrs].toSorted();
}

function listOf(graph: RecordingGraph, plan: Plan, rates: Rates, seed: number): ChangeList {
  const added = sorted(plan.added.values());
  const removed = sorted(plan.removed);
  return {
    seed,
    rates,
    bumped: sorted(plan.bumped),
    rebuilt: sorted(plan.rebuilt),
    described: sorted(plan.described),
    added,
    removed,
    changed: sorted(plan.bumped.union(plan.rebuilt).union(plan.described)),
    dependencies: { changed: sorted(changedDependencies(graph, plan)), added, removed },
  };
}

/** Writes the recording that follows `input` to `output` and says what is different. */
export async function nextDay(input: string, output: string, seed = 1, rates = defaultRates): Promise<ChangeList> {
  const graph = await readGraph(readLines(input));
  const plan = planNextDay(graph, rates, seed);
  async function* batches() {
    for await (const batch of readLines(input)) yield batch.flatMap((line) => nextLines(line, plan, seed));
  }
  await writeLines(output, batches());
  return listOf(graph, plan, rates, seed);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      list: { type: 'string' },
      bump: { type: 'string', default: String(defaultRates.bump) },
      describe: { type: 'string', default: String(defaultRates.describe) },
      add: { type: 'string', default: String(defaultRates.add) },
      remove: { type: 'string', default: String(defaultRates.remove) },
    },
  });
  const [input, output] = positionals;
  if (!input || !output) throw new Error('usage: next-day.ts RECORDING OUT [--seed N] [--list FILE] [--bump SHARE] …');
  const { bump: bumpRate, describe, add, remove } = values;
  const rates = { bump: Number(bumpRate), describe: Number(describe), add: Number(add), remove: Number(remove) };
  const list = await nextDay(input, output, Number(values.seed), rates);
  if (values.list) writeFileSync(values.list, `${JSON.stringify(list)}\n`);
  const { bumped, rebuilt, described, added, removed, dependencies } = list;
  stderr.write(
    `${bumped.length} bumped, ${rebuilt.length} rebuilt, ${described.length} described anew, ${added.length} added, ` +
      `${removed.length} removed; ${dependencies.changed.length} rows of dependencies changed\n`,
  );
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
