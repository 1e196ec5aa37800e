import { UsageError } from '../errors.ts';
import { evidence, historyOf } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { Clusters, type RowJoin } from './clusters.ts';
import { createForest } from './forest.ts';
import type { Forest } from './forest.ts';
import { lonersOf } from './loners.ts';
import type { ClusterInput, ClusterInputs, ClusterOverrides, Join, PreviousCluster } from './model.ts';
import { compareNames } from './order.ts';
import { noOverrides } from './overrides.ts';

export interface ClusterOptions {
  /** The clusters of the dataset before: their ids stay. */
  previous?: readonly PreviousCluster[];
  overrides?: ClusterOverrides;
  /** The time of this run, for clusters that are new. */
  now: Date;
}

export interface Clustering {
  clusters: Clusters;
  /** Attribute paths that the overrides name and the evaluation does not have. */
  unknownOverrides: string[];
}

/**
 * Groups packages into clusters: attribute paths that are one package. Joins follow from evidence, the strongest first, each with its reason; overrides have the last word. The result does not depend on
 * the order of `rows`. Throws a UsageError where overrides contradict each other.
 */
export function clusterPackages(rows: ClusterInputs, options: ClusterOptions): Clustering {
  const overrides = options.overrides ?? noOverrides;
  const ids = Array.from({ length: rows.length }, (_, row) => rows.at(row)?.package_id ?? '');
  const named = new Set([...overrides.merge, ...overrides.split].flat());
  const rowOf = new Map([...ids.entries()].filter(([, id]) => named.has(id)).map(([row, id]) => [id, row]));
  const forest = createForest(
    rows.length,
    overrides.split.map((paths) => present(paths, rowOf)),
  );
  const joins: RowJoin[] = [];

  function join(row: number, to: number, reason: Join['reason'], confidence: number): void {
    if (forest.join(row, to)) joins.push({ row, to, reason, confidence });
  }

  for (const paths of overrides.merge) {
    const [head, ...members] = present(paths, rowOf);
    for (const row of members) {
      if (head === undefined) break;
      if (!forest.mayJoin(row, head)) throw contradiction(ids[row], ids[head]);
      join(row, head, 'override', 1);
    }
  }
  const order = canonicalOrder(ids);
  const before = new Map<string, string>();
  for (const { cluster_id, attribute_paths } of options.previous ?? []) {
    for (const path of attribute_paths) before.set(path, cluster_id);
  }
  const lonersBy = lonersOf(rows);
  for (const kind of [...evidence, historyOf(before)]) {
    gather(rows, order, kind, kind.bucket === undefined ? null : lonersBy(kind.bucket), forest, join);
  }

  return {
    clusters: new Clusters({ rows, order, forest, joins, previous: options.previous ?? [], now: options.now }),
    unknownOverrides: [...named].filter((path) => !rowOf.has(path)),
  };
}

/** Joins each row to the first earlier row that shares a key of this kind and may be joined. */
function gather(
  rows: ClusterInputs,
  order: Uint32Array,
  kind: Evidence,
  loners: Uint8Array | null,
  forest: Forest,
  join: (row: number, to: number, reason: Join['reason'], confidence: number) => void,
): void {
  const heads = new Map<string | number, number | number[]>();
  for (const index of order) {
    if (loners?.[index] === 1) continue;
    const row = rows.at(index);
    if (row === undefined) continue;
    for (const key of kind.keys(row)) {
      const known = heads.get(key);
      const candidates = known === undefined ? [] : typeof known === 'number' ? [known] : known;
      const head = candidates.find((other) => isRelated(kind, row, rows.at(other)) && forest.mayJoin(index, other));
      if (head !== undefined) join(index, head, kind.reason, kind.confidence);
      else if (known === undefined) heads.set(key, index);
      else if (candidates.length < (kind.maxHeads ?? Infinity)) heads.set(key, [...candidates, index]);
    }
  }
}

function isRelated(kind: Evidence, row: ClusterInput, other: ClusterInput | undefined): boolean {
  return other !== undefined && (kind.related?.(row, other) ?? true);
}

/** Row numbers in the order of their names, so that nothing depends on the order in which rows came. */
function canonicalOrder(ids: string[]): Uint32Array {
  return Uint32Array.from(ids.keys()).toSorted((a, b) => compareNames(ids[a] ?? '', ids[b] ?? ''));
}

function present(paths: string[], rowOf: Map<string, number>): number[] {
  return paths.map((path) => rowOf.get(path)).filter((row) => row !== undefined);
}

function contradiction(a: string | undefined, b: string | undefined): UsageError {
  return new UsageError(
    `cluster.overrides: ${a} and ${b} are merged by one list and split by another; take one of them out`,
  );
}
