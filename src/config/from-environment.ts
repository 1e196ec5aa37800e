import { Document, isCollection, isMap, isPair, isScalar } from 'yaml';
import type { Environment } from './environment.ts';
import { duckdbAdvice, readVariables } from './environment.ts';
import { assign } from './merge.ts';
import type { Tree } from './merge.ts';
import { Resolution } from './resolution.ts';
import { nodeAt } from './schema.ts';

/** A configuration that says what the Python system's variables said. */
export interface FromEnvironment {
  /** YAML, with the variable beside each value. */
  text: string;
  tree: Tree;
  warnings: string[];
}

/** Turns the Python system's variables into a configuration; throws one UsageError where their values are refused. */
export function fromEnvironment(env: Environment): FromEnvironment {
  const { assignments, problems } = readVariables(env);
  const resolution = new Resolution();
  const tree: Tree = {};
  for (const assignment of assignments) {
    resolution.assign(assignment, { kind: 'variable', name: assignment.name });
    assign(tree, assignment.path, assignment.value, nodeAt(assignment.path) ?? {});
  }
  resolution.finish(problems);
  const document = new Document(tree);
  for (const { name, path } of assignments) commentOn(document, path, name);
  const none =
    assignments.length === 0 ? ["none of the Python system's variables is set: the configuration is empty"] : [];
  const duckdb = env['DUCKDB_KEY'] === undefined || env['DUCKDB_KEY'] === '' ? [] : [duckdbAdvice];
  document.commentBefore = [
    " Made of the Python system's environment variables.",
    ...duckdb.map((line) => ` ${line}.`),
  ].join('\n');
  return { text: document.toString({ lineWidth: 0, nullStr: '' }), tree, warnings: [...none, ...duckdb] };
}

function commentOn(document: Document, path: string[], text: string): void {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return;
  const pair = parent.items.find((item) => isPair(item) && String(item.key) === path.at(-1));
  const value = pair?.value;
  if (isScalar(value)) value.comment = ` ${text}`;
  else if (isCollection(value)) value.commentBefore = ` ${text}`;
}
