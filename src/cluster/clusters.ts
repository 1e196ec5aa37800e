import type { Forest } from './forest.ts';
import { nameClusters, type Identity } from './identity.ts';
import type { ClusterInputs, ClusterRow, Join, PreviousCluster } from './model.ts';

/** A join of one row to another. */
export type RowJoin = Pick<Join, 'reason' | 'confidence'> & { row: number; to: number };

/** What clusters are made of. */
interface Found {
  rows: ClusterInputs;
  /** All rows in the order of their names. */
  order: Uint32Array;
  forest: Forest;
  joins: readonly RowJoin[];
  previous: readonly PreviousCluster[];
  now: Date;
}

/** The clusters of a package set, as numbers of rows; a cluster's row is made when it is asked for, for there are as many as packages. */
export class Clusters implements Iterable<ClusterRow> {
  /** For each row the number of its cluster. */
  readonly clusterOf: Uint32Array;
  readonly #rows: ClusterInputs;
  /** The rows, cluster by cluster, each in the order of their names, and where those of each cluster begin. */
  readonly #members: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #joins: Map<number, RowJoin[]>;
  readonly #identities: Identity[];

  constructor({ rows, order, forest, joins, previous, now }: Found) {
    this.#rows = rows;
    const { clusterOf, sizes } = numbered(order, forest);
    this.clusterOf = clusterOf;
    this.#starts = startsOf(sizes);
    this.#members = new Uint32Array(rows.length);
    const next = this.#starts.slice();
    for (const row of order) {
      const cluster = clusterOf[row] ?? 0;
      const place = next[cluster] ?? 0;
      this.#members[place] = row;
      next[cluster] = place + 1;
    }
    this.#joins = Map.groupBy(joins, ({ row }) => clusterOf[row] ?? 0);
    this.#identities = nameClusters(sizes.length, (cluster) => this.#candidatesOf(cluster), previous, now);
  }

  get length(): number {
    return this.#starts.length - 1;
  }

  /** The cluster_id of a cluster. */
  idOf(cluster: number): string {
    return this.#identities[cluster]?.cluster_id ?? '';
  }

  *[Symbol.iterator](): Generator<ClusterRow> {
    for (const [cluster, identity] of this.#identities.entries()) {
      const attribute_paths = this.#pathsOf(cluster);
      yield {
        ...identity,
        package_name: this.#namesOf(cluster)[0] ?? '',
        size: attribute_paths.length,
        attribute_paths,
        joins: (this.#joins.get(cluster) ?? []).map((join) => this.#named(join)),
      };
    }
  }

  #membersOf(cluster: number): Uint32Array {
    return this.#members.subarray(this.#starts[cluster], this.#starts[cluster + 1]);
  }

  #pathsOf(cluster: number): string[] {
    return Array.from(this.#membersOf(cluster), (row) => this.#pathOf(row));
  }

  #namesOf(cluster: number): string[] {
    return Array.from(this.#membersOf(cluster), (row) => this.#rows.at(row)?.package_name ?? '');
  }

  /** Paths to name a cluster by. One that is the package's own name goes before shorter ones: `util-linux` before `more`. */
  #candidatesOf(cluster: number): string[] {
    const paths = this.#pathsOf(cluster);
    if (paths.length === 1) return paths;
    const names = new Set(this.#namesOf(cluster));
    const own = paths.find((path) => names.has(path));
    return own === undefined || own === paths[0] ? paths : [own, ...paths];
  }

  #pathOf(row: number): string {
    return this.#rows.at(row)?.package_id ?? '';
  }

  #named({ row, to, reason, confidence }: RowJoin): Join {
    return { package_id: this.#pathOf(row), joined_to: this.#pathOf(to), reason, confidence };
  }
}

/** Numbers clusters in the order in which their first rows come. */
function numbered(order: Uint32Array, forest: Forest): { clusterOf: Uint32Array; sizes: number[] } {
  const clusterOf = new Uint32Array(order.length);
  const clusterOfRoot = new Map<number, number>();
  const sizes: number[] = [];
  for (const row of order) {
    const root = forest.find(row);
    const cluster = clusterOfRoot.get(root) ?? sizes.length;
    clusterOfRoot.set(root, cluster);
    clusterOf[row] = cluster;
    sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  }
  return { clusterOf, sizes };
}

function startsOf(sizes: readonly number[]): Uint32Array {
  const starts = new Uint32Array(sizes.length + 1);
  for (const [cluster, size] of sizes.entries()) starts[cluster + 1] = (starts[cluster] ?? 0) + size;
  return starts;
}
