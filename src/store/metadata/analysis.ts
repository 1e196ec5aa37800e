import type { Clusters } from '../../cluster/clusters.ts';
import type { ClusterInputs, PreviousCluster } from '../../cluster/model.ts';
import type { Collected } from './collect.ts';
import type { SystemFacts } from './facts.ts';
import { identityRows } from './identity-rows.ts';
import { placesOf } from './places.ts';
import { countResolved, edgesOf, resolveTargets, type Edges, type Targets } from './resolve.ts';

/** What identity and ranking are worked out from, a row being a row of `packages`. */
interface AnalysisInput {
  rows: ClusterInputs;
  /** Edges of all systems between rows, with repetitions. */
  edges: Edges;
  /** For each row the first row that has the same derivation. */
  derivationOf: Uint32Array;
  /** The clusters of the dataset before. */
  previous: PreviousCluster[];
}

/** What was worked out, a value a row. */
export interface Analysis {
  clusters: Clusters;
  rank: Float64Array;
  dependents: Uint32Array;
}

export type Analyse = (input: AnalysisInput) => Analysis;

/** A system's packages with where their inputs lead. */
export interface ResolvedSystem {
  facts: SystemFacts;
  targets: Targets;
  /** How many of its edges lead to a package, with repetitions. */
  resolvedEdges: number;
}

/** Resolves every system's inputs. */
export function resolveSystems({ packages, systems }: Collected): ResolvedSystem[] {
  return systems.map((facts) => {
    const targets = resolveTargets(facts, (row) => packages.idOf(row));
    return { facts, targets, resolvedEdges: countResolved(facts, targets) };
  });
}

/** Has identity and ranking worked out. */
export function analyseAll(
  { packages }: Collected,
  systems: readonly ResolvedSystem[],
  previous: PreviousCluster[],
  analyse: Analyse,
): Analysis {
  const places = placesOf(
    packages.length,
    systems.map(({ facts }) => facts),
  );
  const rows = identityRows(packages, places);
  const edges = joined(systems.map(({ facts, targets, resolvedEdges }) => edgesOf(facts, targets, resolvedEdges)));
  return analyse({ rows, edges, derivationOf: derivationsOf(rows), previous });
}

/** For each row the first row that has the same derivation. */
export function derivationsOf(rows: ClusterInputs): Uint32Array {
  const first = new Map<string | number, number>();
  return Uint32Array.from({ length: rows.length }, (_, row) => {
    const derivation = rows.at(row)?.derivations[0];
    if (derivation === undefined) return row;
    const known = first.get(derivation);
    if (known === undefined) first.set(derivation, row);
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
