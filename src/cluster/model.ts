/** Why two attribute paths are one package, the strongest first. Each reason stands for one kind of evidence. */
const joinReasons = [
  'override',
  'derivation',
  'position',
  'directory',
  'package_set',
  'version',
  'wrapper',
  'flavour',
  'homepage',
  'history',
] as const;
export type JoinReason = (typeof joinReasons)[number];

/** What clustering looks at: columns of `packages`, and the derivations of all systems. */
export interface ClusterInput {
  package_id: string;
  package_name: string;
  version: string | null;
  /** File and line relative to nixpkgs. */
  position: string | null;
  homepage: string | null;
  description: string | null;
  /** What its derivations on all systems are told apart by: their paths, or numbers of them. */
  derivations: readonly (string | number)[];
}

/** The rows of one evaluation, package_ids distinct: an array, or what makes a row when it is asked for. */
export interface ClusterInputs {
  readonly length: number;
  at(row: number): ClusterInput | undefined;
}

/** A package joined to another one of its cluster. The joins of a cluster are a tree: one fewer than its members. */
export interface Join {
  package_id: string;
  joined_to: string;
  reason: JoinReason;
  /** How often such a join is right, 0 to 1. */
  confidence: number;
}

/** A row of table `clusters`: one package with all the attribute paths that it has. */
export interface ClusterRow {
  /** The attribute path that names it, for good: later runs keep it. */
  cluster_id: string;
  package_name: string;
  size: number;
  attribute_paths: string[];
  joins: Join[];
  first_seen: Date;
}

/** What is kept from the dataset before. */
export type PreviousCluster = Pick<ClusterRow, 'cluster_id' | 'attribute_paths' | 'first_seen'>;

/** What people decided; it has the last word. */
export interface ClusterOverrides {
  /** Each list of attribute paths is one package. */
  merge: string[][];
  /** The attribute paths of a list are different packages, each. */
  split: string[][];
}
