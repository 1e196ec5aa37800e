import { components, cyclesOf } from './components.ts';
import { buildGraph } from './csr.ts';
import type { Edges } from './csr.ts';
import { pageRank } from './pagerank.ts';

export interface RankOptions {
  damping: number;
  tolerance: number;
  maxIterations: number;
  /** Weight by kind of input, in the order of `inputKinds`. */
  weights: readonly number[];
}

/**
 * The usual damping and tolerance. What a package needs to run counts most; tools that build it count least, or else hooks
 * and build systems outrank everything that people look for.
 */
export const defaultRankOptions: RankOptions = {
  damping: 0.85,
  tolerance: 1e-9,
  maxIterations: 200,
  weights: [1, 0.5, 1, 0.5, 0.5],
};

export interface ClusterRanks {
  /** PageRank a cluster, scaled so that the mean is 1, rounded to three significant digits: tiny changes do not show. */
  rank: Float64Array;
  iterations: number;
  delta: number;
  converged: boolean;
  /** Clusters (by number) that need each other, the largest cycle first. */
  cycles: number[][];
}

/** PageRank over clusters. `clusterOf` maps the edges' row numbers to cluster numbers from 0 on. */
export function rankClusters(
  edges: Edges,
  clusterOf: Uint32Array,
  options: RankOptions = defaultRankOptions,
): ClusterRanks {
  const nodes = clusterOf.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  const graph = buildGraph(edges, { nodes, nodeOf: clusterOf, weights: options.weights, direction: 'inputs' });
  const { rank, ...convergence } = pageRank(graph, options);
  return { rank: rank.map((value) => roundTo3(value * nodes)), ...convergence, cycles: cyclesOf(components(graph)) };
}

/**
 * For each row how many distinct packages declare it as an input. `derivationOf` maps a row to the first row of the same derivation: rows
 * of one derivation have the same dependents, and count once as dependents.
 */
export function countDependents(edges: Edges, rows: number, derivationOf?: Uint32Array): Uint32Array {
  const { starts } = buildGraph(edges, {
    nodes: rows,
    ...(derivationOf === undefined ? {} : { nodeOf: derivationOf }),
    direction: 'dependents',
  });
  return Uint32Array.from({ length: rows }, (_, row) => {
    const node = derivationOf?.[row] ?? row;
    return (starts[node + 1] ?? 0) - (starts[node] ?? 0);
  });
}

function roundTo3(value: number): number {
  return Number(value.toPrecision(3));
}
