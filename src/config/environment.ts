import type { Problem } from './problem.ts';
import { parseValue } from './assignment.ts';
import { leavesOf, typesOf } from './schema.ts';
import type { Leaf } from './schema.ts';
import type { Assignment } from './assignment.ts';

/** An environment, as process.env. */
export type Environment = Record<string, string | undefined>;

/** The one variable that no key replaces. */
export const duckdbAdvice =
  'DUCKDB_KEY has no successor: the graph that the DuckDB file held is table `dependencies` of the dataset at s3.dataKey, and the JSON at s3.dependencyKey';

/** A warning for each variable of the Python system that is set, since none is read. */
export function ignoredVariables(env: Environment): string[] {
  // AWS_REGION is no leftover: the AWS SDK's own chain reads it.
  const leftovers = variables().filter(({ name }) => name !== 'AWS_REGION' && isSet(env[name]));
  const warnings = leftovers.map(
    ({ name, leaf }) => `${name} is set in the environment and ignored: ${leaf.key} in the configuration replaces it`,
  );
  return isSet(env['DUCKDB_KEY'])
    ? [...warnings, `DUCKDB_KEY is set in the environment and ignored: ${duckdbAdvice}`]
    : warnings;
}

/** An assignment that a variable of the Python system amounts to. */
export interface VariableAssignment extends Assignment {
  name: string;
}

/** Reads the Python system's variables as that system did: words for true and false, languages in any case. */
export function readVariables(env: Environment): { assignments: VariableAssignment[]; problems: Problem[] } {
  const assignments: VariableAssignment[] = [];
  const problems: Problem[] = [];
  for (const { name, leaf } of variables()) {
    const text = env[name];
    if (text === undefined || (text.trim() === '' && !leaf.key.startsWith('fts.'))) continue;
    const value = valueOf(text.trim(), leaf);
    if (value === undefined) {
      const message = `expected true, 1, yes, on, false, 0, no or off, found "${text}"`;
      problems.push({ origin: { kind: 'variable', name }, key: leaf.key, message });
    } else {
      assignments.push({ name, path: leaf.key.split('.'), value });
    }
  }
  return { assignments, problems };
}

function valueOf(text: string, { key, node }: Leaf): unknown {
  if (typesOf(node).includes('boolean')) {
    if (/^(true|1|yes|on)$/i.test(text)) return true;
    return /^(false|0|no|off)$/i.test(text) ? false : undefined;
  }
  return parseValue(key.startsWith('fts.') || key === 'mode' ? text.toLowerCase() : text, node);
}

function variables(): { name: string; leaf: Leaf }[] {
  return leavesOf().flatMap((leaf) => (leaf.node['x-environment'] ?? []).map((name) => ({ name, leaf })));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
