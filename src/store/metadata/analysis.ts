import type { ClusterInput, ClusterRow, PreviousCluster } from '../../cluster/model.ts';
import type { Availability } from '../../model.ts';
import type { Collected } from './collect.ts';
import { none, type SystemFacts } from './facts.ts';
import { resolvedEdges, resolveTargets, type Edges, type Targets } from './resolve.ts';

/** What identity and ranking are worked out from, a row being a row of `packages`. */
interface AnalysisInput {
  rows: ClusterInput[];
  /** Edges of all systems between rows, with repetitions. */
  edges: Edges;
  /** For each row the first row that has the same derivation. */
  derivationOf: Uint32Array;
  /** The clusters of the dataset before. */
  previous: PreviousCluster[];
}

/** What was worked out, a value a row. */
export interface Analysis {
  clusters: ClusterRow[];
  clusterOf: Uint32Array;
  rank: Float64Array;
  dependents: Uint32Array;
}

export type Analyse = (input: AnalysisInput) => Analysis;

/** A system's packages with where their inputs lead. */
export interface ResolvedSystem {
  facts: SystemFacts;
  targets: Targets;
  /** How many edges lead to a package, with repetitions. */
  resolved: number;
}

/** Resolves every system's inputs and has identity and ranking worked out. */
export function analyseAll(
  collected: Collected,
  previous: PreviousCluster[],
  analyse: Analyse,
): { systems: ResolvedSystem[]; analysis: Analysis } {
  const { rows } = collected;
  const parts: Edges[] = [];
  const systems = collected.systems.map((facts) => {
    addDrvPaths(rows, facts);
    const targets = resolveTargets(facts, (row) => rows[row]?.package_id ?? '');
    const edges = resolvedEdges(facts, targets);
    parts.push(edges);
    return { facts, targets, resolved: edges.from.length };
  });
  const analysis = analyse({ rows, edges: joined(parts), derivationOf: derivationsOf(rows), previous });
  return { systems, analysis };
}

/** For each row, for each system that has it, derivation and flags; systems in the order of the configuration. */
export function availabilityOf(rows: number, systems: readonly SystemFacts[]): (row: number) => Availability[] {
  const places = systems.map((facts) => {
    const indexOf = new Uint32Array(rows).fill(none);
    for (const [index, row] of facts.rows.view().entries()) indexOf[row] = index;
    return { facts, indexOf };
  });
  return (row) =>
    places.flatMap(({ facts, indexOf }) => {
      const index = indexOf[row] ?? none;
      return index === none ? [] : [availability(facts, index)];
    });
}

function availability(facts: SystemFacts, index: number): Availability {
  const flags = facts.flags.at(index);
  return {
    system: facts.system,
    drv_path: facts.drvPathOf(index),
    available: (flags & 1) !== 0,
    broken: (flags & 2) !== 0,
    unsupported: (flags & 4) !== 0,
  };
}

function addDrvPaths(rows: ClusterInput[], facts: SystemFacts): void {
  for (const [index, row] of facts.rows.view().entries()) {
    const drvPath = facts.drvPathOf(index);
    if (drvPath !== null) rows[row]?.drv_paths.push(drvPath);
  }
}

/** For each row the first row that has the same derivation. */
export function derivationsOf(rows: ClusterInput[]): Uint32Array {
  const first = new Map<string, number>();
  return Uint32Array.from(rows, ({ drv_paths: [drvPath] }, row) => {
    if (drvPath === undefined) return row;
    const known = first.get(drvPath);
    if (known === undefined) first.set(drvPath, row);
    return known ?? row;
  });
}

function joined(parts: Edges[]): Edges {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const length = parts.reduce((sum, part) => sum + part.from.length, 0);
  const edges = { from: new Uint32Array(length), to: new Uint32Array(length), kind: new Uint8Array(length) };
  let offset = 0;
  for (const part of parts) {
    edges.from.set(part.from, offset);
    edges.to.set(part.to, offset);
    edges.kind.set(part.kind, offset);
    offset += part.from.length;
  }
  return edges;
}
