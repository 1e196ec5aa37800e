import type { Table } from '@lancedb/lancedb';
import { KnownError, UsageError } from '../errors.ts';
import { mostNeeded, walk } from '../graph/dependencies.ts';
import type { WalkOptions } from '../graph/dependencies.ts';
import { inputKinds } from '../model.ts';
import type { InputKind } from '../model.ts';
import { formatCount } from '../report/format.ts';
import { openTable } from '../store/connection.ts';
import { readGraph, systemsOf } from '../store/dependency-graph.ts';
import type { DependencyGraph } from '../store/dependency-graph.ts';
import { scanRows } from '../store/scan.ts';
import { knowsDependencies, unresolvedInputs } from '../store/unresolved-inputs.ts';
import { sqlText } from '../store/write.ts';
import { datasetOption, openDataset, type OpenDataset } from './dataset.ts';
import { defineCommand } from './define.ts';
import { lastOf } from './global.ts';
import { renderAnswer, type Answer, type Wanted } from './deps-text.ts';
import { packageRow } from './show.ts';
import { columnsOf } from './text.ts';

const options = {
  ...datasetOption,
  transitive: { type: 'boolean', alias: 't', default: false, describe: 'Also what is reached through others' },
  kind: {
    type: 'string',
    array: true,
    requiresArg: true,
    choices: inputKinds,
    describe: 'Only inputs of this kind; may be repeated',
  },
  counts: { type: 'boolean', default: false, describe: 'Only how many there are' },
  tree: { type: 'boolean', default: false, describe: 'As a tree' },
  depth: { type: 'number', requiresArg: true, default: 3, describe: 'How deep the tree goes' },
  system: {
    type: 'string',
    requiresArg: true,
    describe: 'System (default: the first of the dataset)',
    coerce: lastOf('system'),
  },
} as const;

export const deps = defineCommand({
  command: 'deps <attribute>',
  describe: 'List what a package declares as inputs',
  positionals: { attribute: { type: 'string', demandOption: true, describe: 'Its attribute path' } },
  options,
  async run(args, { cwd, load, print, printJson, signal }) {
    const { config } = await load();
    const answer = await answerFor(
      'inputs',
      args.attribute,
      args,
      await openDataset(config, args.dataset, { cwd, signal }),
    );
    return args.json ? printJson(answer) : print(renderAnswer(answer, args));
  },
});

export const rdeps = defineCommand({
  command: 'rdeps [attribute]',
  describe: 'List what declares a package as an input',
  positionals: { attribute: { type: 'string', describe: 'Its attribute path' } },
  options: { ...options, top: { type: 'number', requiresArg: true, describe: 'The packages that most others need' } },
  examples: [['$0 rdeps --top 20 --transitive', 'what all of nixpkgs rests on']],
  async run(args, { cwd, load, print, printJson, signal }) {
    const { config } = await load();
    const dataset = await openDataset(config, args.dataset, { cwd, signal });
    if (args.top === undefined) {
      if (args.attribute === undefined) throw new UsageError('rdeps: an attribute path is missing, or --top');
      const answer = await answerFor('dependents', args.attribute, args, dataset);
      return args.json ? printJson(answer) : print(renderAnswer(answer, args));
    }
    if (!Number.isInteger(args.top) || args.top < 1)
      throw new UsageError('--top: expected a number of packages, 1 or more');
    if (args.attribute !== undefined)
      throw new UsageError('rdeps --top is about all packages: leave the attribute path out');
    const graph = await graphOf(dataset, args.system);
    const packages = mostNeeded(graph, { count: args.top, transitive: args.transitive, kinds: args.kind ?? [] });
    if (args.json) return printJson({ system: graph.system, transitive: args.transitive, packages });
    return print(
      `${columnsOf(packages.map((entry) => [formatCount(entry.dependents), entry.attribute_path])).join('\n')}\n`,
    );
  },
});

async function answerFor(
  direction: WalkOptions['direction'],
  attribute: string,
  wanted: Wanted,
  dataset: OpenDataset,
): Promise<Answer> {
  if (!Number.isInteger(wanted.depth) || wanted.depth < 1)
    throw new UsageError('--depth: expected a number of levels, 1 or more');
  const { connection, packages, uri } = dataset;
  const row = await packageRow(packages, attribute, uri);
  const graph = await graphOf(dataset, wanted.system);
  const found = await nodeOf(packages, graph, row, direction);
  if (found === null)
    throw new KnownError(`${attribute}: not evaluated for ${graph.system}; --system chooses another one`);
  const reached = walk(graph, found, {
    direction,
    transitive: wanted.transitive || wanted.tree,
    kinds: wanted.kind ?? [],
  });
  const within = wanted.tree && !wanted.transitive ? reached.filter((entry) => entry.depth <= wanted.depth) : reached;
  const unresolved =
    direction === 'dependents'
      ? null
      : await unresolvedInputs(await openTable(connection, 'dependencies'), attribute, graph.system);
  const counts = Object.fromEntries(
    inputKinds.map((kind) => [kind, within.filter((entry) => entry.kinds.includes(kind)).length]),
  );
  return {
    attribute_path: attribute,
    system: graph.system,
    direction,
    transitive: wanted.transitive,
    resolved_as: graph.ids[found] ?? attribute,
    total: within.length,
    counts: counts as Record<InputKind, number>,
    packages: wanted.counts ? [] : within,
    unresolved: unresolved?.filter(({ kinds }) => kinds.some((kind) => (wanted.kind ?? kinds).includes(kind))) ?? null,
  };
}

async function graphOf({ connection, packages }: OpenDataset, system: string | undefined): Promise<DependencyGraph> {
  const table = await openTable(connection, 'dependencies');
  const systems = await systemsOf(table);
  const chosen = system ?? systems[0];
  if (chosen === undefined || !(await knowsDependencies(connection, packages)))
    throw new KnownError("the dataset has no dependencies: its source, such as a channel's packages.json, knew none");
  if (!systems.includes(chosen)) throw new KnownError(`--system ${chosen}: the dataset has ${systems.join(', ')}`);
  return readGraph(table, chosen);
}

/** The node that a package's edges are at: of several paths of one derivation dependents are resolved to one alone. */
async function nodeOf(
  packages: Table,
  graph: DependencyGraph,
  row: Record<string, unknown>,
  direction: WalkOptions['direction'],
): Promise<number | null> {
  const node = graph.ids.indexOf(String(row['attribute_path']));
  if (node === -1) return null;
  if (direction === 'inputs' || graph.to.includes(node)) return node;
  const where = `cluster_id = ${sqlText(String(row['cluster_id']))} AND dependents = ${Number(row['dependents'])}`;
  for await (const other of scanRows<{ attribute_path: string; version: string | null }>(packages, {
    columns: ['attribute_path', 'version'],
    where,
  })) {
    const alias = graph.ids.indexOf(other.attribute_path);
    if (alias !== -1 && other.version === row['version'] && graph.to.includes(alias)) return alias;
  }
  return node;
}
