import { UsageError } from '../errors.ts';
import { evidence, historyOf } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { createForest } from './forest.ts';
import type { Forest } from './forest.ts';
import { nameClusters } from './identity.ts';
import type { ClusterInput, ClusterOverrides, Clustering, ClusterRow, Join, PreviousCluster } from './model.ts';
import { compareNames } from './order.ts';
import { noOverrides } from './overrides.ts';

export interface ClusterOptions {
  /** The clusters of the dataset before: their ids stay. */
  previous?: readonly PreviousCluster[];
  overrides?: ClusterOverrides;
  /** The time of this run, for clusters that are new. */
  now: Date;
}

/**
 * Groups packages (rows of one evaluation, package_ids distinct) into clusters: attribute paths that are one package. Joins follow
 * from evidence, the strongest first, each with its reason; overrides have the last word. The result does not depend on
 * the order of `rows`. Throws a UsageError where overrides contradict each other.
 */
export function clusterPackages(rows: ClusterInput[], options: ClusterOptions): Clustering {
  const overrides = options.overrides ?? noOverrides;
  const rowOf = new Map(rows.map((row, index) => [row.package_id, index]));
  const named = [...overrides.merge, ...overrides.split].flat();
  const forest = createForest(
    rows.length,
    overrides.split.map((paths) => present(paths, rowOf)),
  );
  const joins: Join[] = [];

  function join(row: number, to: number, reason: Join['reason'], confidence: number): void {
    const [member, head] = [rows[row], rows[to]];
    if (member === undefined || head === undefined || !forest.join(row, to)) return;
    joins.push({ package_id: member.package_id, joined_to: head.package_id, reason, confidence });
  }

  for (const paths of overrides.merge) {
    const [head, ...members] = present(paths, rowOf);
    for (const row of members) {
      if (head === undefined) break;
      if (!forest.mayJoin(row, head)) throw contradiction(rows[row], rows[head]);
      join(row, head, 'override', 1);
    }
  }
  const order = canonicalOrder(rows);
  const before = new Map<string, string>();
  for (const { cluster_id, attribute_paths } of options.previous ?? []) {
    for (const path of attribute_paths) before.set(path, cluster_id);
  }
  for (const kind of [...evidence, historyOf(before)]) gather(rows, order, kind, forest, join);

  return {
    ...collect(rows, order, forest, joins, options),
    unknownOverrides: named.filter((path) => !rowOf.has(path)),
  };
}

/** Joins each row to the first earlier row that shares a key of this kind and may be joined. */
function gather(
  rows: ClusterInput[],
  order: Uint32Array,
  kind: Evidence,
  forest: Forest,
  join: (row: number, to: number, reason: Join['reason'], confidence: number) => void,
): void {
  const heads = new Map<string, number | number[]>();
  for (const index of order) {
    const row = rows[index];
    if (row === undefined) continue;
    for (const key of kind.keys(row)) {
      const known = heads.get(key);
      const candidates = known === undefined ? [] : typeof known === 'number' ? [known] : known;
      const head = candidates.find((other) => isRelated(kind, row, rows[other]) && forest.mayJoin(index, other));
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
function canonicalOrder(rows: ClusterInput[]): Uint32Array {
  return Uint32Array.from(rows.keys()).toSorted((a, b) =>
    compareNames(rows[a]?.package_id ?? '', rows[b]?.package_id ?? ''),
  );
}

function collect(
  rows: ClusterInput[],
  order: Uint32Array,
  forest: Forest,
  joins: Join[],
  options: ClusterOptions,
): Pick<Clustering, 'clusterOf' | 'clusters'> {
  const clusterOf = new Uint32Array(rows.length);
  const indexOfRoot = new Map<number, number>();
  const members: string[][] = [];
  const names: Set<string>[] = [];
  for (const index of order) {
    const row = rows[index];
    if (row === undefined) continue;
    const root = forest.find(index);
    const cluster = indexOfRoot.get(root) ?? members.length;
    clusterOf[index] = cluster;
    indexOfRoot.set(root, cluster);
    (members[cluster] ??= []).push(row.package_id);
    (names[cluster] ??= new Set()).add(row.package_name);
  }
  const clusterOfPath = new Map(members.flatMap((paths, cluster) => paths.map((path) => [path, cluster] as const)));
  const joinsOf = Map.groupBy(joins, (entry) => clusterOfPath.get(entry.package_id) ?? -1);
  const preferred = members.map((paths, cluster) => nameFirst(paths, names[cluster]));
  const identities = nameClusters(preferred, options.previous ?? [], options.now);
  const clusters = identities.map(({ cluster_id, first_seen }, cluster): ClusterRow => ({
    cluster_id,
    package_name: names[cluster]?.values().next().value ?? '',
    size: members[cluster]?.length ?? 0,
    attribute_paths: members[cluster] ?? [],
    joins: joinsOf.get(cluster) ?? [],
    first_seen,
  }));
  return { clusterOf, clusters };
}

/** A path that is the package's own name goes before shorter ones: `util-linux` before `more`. */
function nameFirst(paths: string[], names: Set<string> | undefined): string[] {
  const own = paths.find((path) => names?.has(path));
  return own === undefined ? paths : [own, ...paths];
}

function present(paths: string[], rowOf: Map<string, number>): number[] {
  return paths.map((path) => rowOf.get(path)).filter((row) => row !== undefined);
}

function contradiction(a: ClusterInput | undefined, b: ClusterInput | undefined): UsageError {
  return new UsageError(
    `cluster.overrides: ${a?.package_id} and ${b?.package_id} are merged by one list and split by another; take one of them out`,
  );
}
