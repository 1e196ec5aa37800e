import type { Graph } from './csr.ts';

export interface PageRankOptions {
  /** The share of rank that follows the edges; the rest is spread evenly. */
  damping: number;
  /** Ends when the sum of all changes is at most this; the ranks sum up to 1. */
  tolerance: number;
  maxIterations: number;
}

export interface PageRank {
  /** One value a node; they sum up to 1. */
  rank: Float64Array;
  iterations: number;
  /** The sum of all changes in the last iteration. */
  delta: number;
  converged: boolean;
}

/** PageRank by power iteration over a graph of inputs: rank flows from a package to what it needs, in proportion to the weights. */
export function pageRank(graph: Graph, options: PageRankOptions): PageRank {
  const { nodes } = graph;
  let rank = new Float64Array(nodes).fill(1 / nodes);
  let next = new Float64Array(nodes);
  const total = outgoingWeight(graph);
  let [iterations, delta] = [0, Infinity];
  while (iterations < options.maxIterations && delta > options.tolerance) {
    spread(graph, rank, next, total, options.damping);
    delta = 0;
    for (let node = 0; node < nodes; node += 1) delta += Math.abs((next[node] ?? 0) - (rank[node] ?? 0));
    [rank, next] = [next, rank];
    iterations += 1;
  }
  return { rank, iterations, delta: nodes === 0 ? 0 : delta, converged: nodes === 0 || delta <= options.tolerance };
}

function outgoingWeight(graph: Graph): Float64Array {
  const total = new Float64Array(graph.nodes);
  for (let node = 0; node < graph.nodes; node += 1) {
    for (let edge = graph.starts[node] ?? 0; edge < (graph.starts[node + 1] ?? 0); edge += 1) {
      total[node] = (total[node] ?? 0) + (graph.weights[edge] ?? 0);
    }
  }
  return total;
}

function spread(graph: Graph, rank: Float64Array, next: Float64Array, total: Float64Array, damping: number): void {
  const { nodes, starts, neighbours, weights } = graph;
  let dangling = 0;
  next.fill(0);
  for (let node = 0; node < nodes; node += 1) {
    const own = rank[node] ?? 0;
    const sum = total[node] ?? 0;
    if (sum === 0) {
      dangling += own;
      continue;
    }
    for (let edge = starts[node] ?? 0; edge < (starts[node + 1] ?? 0); edge += 1) {
      const to = neighbours[edge] ?? 0;
      next[to] = (next[to] ?? 0) + (own * (weights[edge] ?? 0)) / sum;
    }
  }
  const even = (1 - damping + damping * dangling) / nodes;
  for (let node = 0; node < nodes; node += 1) next[node] = even + damping * (next[node] ?? 0);
}
