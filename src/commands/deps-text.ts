import type { Dependency, WalkOptions } from '../graph/dependencies.ts';
import type { InputKind } from '../model.ts';
import { formatCount } from '../report/format.ts';
import type { UnresolvedInput } from '../store/unresolved-inputs.ts';
import { columnsOf, styled } from './text.ts';
import { renderTree } from './tree.ts';

/** What `deps` and `rdeps` found. */
export interface Answer {
  attribute_path: string;
  system: string;
  direction: WalkOptions['direction'];
  transitive: boolean;
  /** The attribute path that edges lead to, where the package asked for is another name of one derivation. */
  resolved_as: string;
  total: number;
  counts: Record<InputKind, number>;
  packages: Dependency[];
  /** Declared inputs that lead to no package; null where the dataset does not name them, or dependents were asked for. */
  unresolved: UnresolvedInput[] | null;
}

/** How it is to be shown, and of what it was asked. */
export interface Wanted {
  transitive: boolean;
  tree: boolean;
  kind: InputKind[] | undefined;
  counts: boolean;
  depth: number;
  system: string | undefined;
}

/** An answer for a terminal: a package a line or a tree, and how many there are. */
export function renderAnswer(answer: Answer, wanted: Wanted): string {
  const what = answer.direction === 'inputs' ? 'inputs' : 'dependents';
  const kinds = Object.entries(answer.counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${formatCount(count)}`);
  const alias = answer.resolved_as === answer.attribute_path ? '' : ` (as ${answer.resolved_as})`;
  const reach = answer.transitive ? ', transitively' : '';
  const lost = answer.unresolved ?? [];
  const more = lost.length === 0 ? '' : `, and ${formatCount(lost.length)} declared that lead to no package`;
  const summary = `${answer.attribute_path}${alias}: ${formatCount(answer.total)} ${what}${reach} on ${answer.system}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}${more}`;
  if (wanted.counts) return `${summary}\n`;
  if (wanted.tree)
    return `${renderTree(answer.resolved_as, answer.packages, wanted.depth).join('\n')}\n${styled('dim', summary)}\n`;
  const rows = answer.packages.map((entry) => [
    entry.attribute_path,
    entry.kinds.join(', '),
    entry.depth > 1 ? `through ${entry.via}` : '',
  ]);
  for (const { name, kinds: declared } of lost) rows.push([name, declared.join(', '), 'no package']);
  return `${[...columnsOf(rows), styled('dim', summary)].join('\n')}\n`;
}
