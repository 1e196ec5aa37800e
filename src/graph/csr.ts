/** Edges between row numbers, `kind` an index into `inputKinds`. The three arrays have one length. */
export interface Edges {
  from: Uint32Array;
  to: Uint32Array;
  kind: Uint8Array;
}

/**
 * A directed graph in compressed rows: the neighbours of node `n` are `neighbours[starts[n] .. starts[n + 1]]`, ascending and
 * each once; `weights` belongs to `neighbours`.
 */
export interface Graph {
  nodes: number;
  starts: Uint32Array;
  neighbours: Uint32Array;
  weights: Float32Array;
}

export interface GraphOptions {
  /** Number of nodes; every mapped edge end lies below it. */
  nodes: number;
  /** Maps the ends of edges to nodes (packages to clusters); without it rows are nodes. */
  nodeOf?: Uint32Array;
  /** Weight by kind of edge; 1 where not given. Of several edges between two nodes the heaviest counts. */
  weights?: readonly number[];
  /** Neighbours along the edges (inputs) or against them (dependents). */
  direction: 'inputs' | 'dependents';
}

/** Builds the graph in time and memory linear in the number of edges; edges from a node to itself are left out. */
export function buildGraph(edges: Edges, options: GraphOptions): Graph {
  const { nodes, nodeOf } = options;
  const [source, target] = options.direction === 'inputs' ? [edges.from, edges.to] : [edges.to, edges.from];
  const node = (row: number): number => (nodeOf === undefined ? row : (nodeOf[row] ?? 0));
  const weightOf = (edge: number): number => options.weights?.[edges.kind[edge] ?? 0] ?? 1;
  // Sorting by the target first makes each source's neighbours come out ascending, equal ones side by side.
  const byTarget = countingOrder(target, nodes, node);
  const starts = startsOf(source, nodes, node);
  const next = starts.slice();
  const neighbours = new Uint32Array(source.length);
  const heaviest = new Float32Array(source.length);
  for (const edge of byTarget) {
    const from = node(source[edge] ?? 0);
    const to = node(target[edge] ?? 0);
    if (from === to) continue;
    const place = next[from] ?? 0;
    const weight = weightOf(edge);
    if (place > (starts[from] ?? 0) && neighbours[place - 1] === to) {
      heaviest[place - 1] = Math.max(heaviest[place - 1] ?? 0, weight);
    } else {
      neighbours[place] = to;
      heaviest[place] = weight;
      next[from] = place + 1;
    }
  }
  return pack(nodes, starts, next, neighbours, heaviest);
}

/** Moves the used parts of the rows together. */
function pack(
  nodes: number,
  starts: Uint32Array,
  ends: Uint32Array,
  neighbours: Uint32Array,
  weights: Float32Array,
): Graph {
  const packed = new Uint32Array(nodes + 1);
  let used = 0;
  for (let node = 0; node < nodes; node += 1) {
    const [start, end] = [starts[node] ?? 0, ends[node] ?? 0];
    neighbours.copyWithin(used, start, end);
    weights.copyWithin(used, start, end);
    packed[node] = used;
    used += end - start;
  }
  packed[nodes] = used;
  return { nodes, starts: packed, neighbours: neighbours.slice(0, used), weights: weights.slice(0, used) };
}

function startsOf(ends: Uint32Array, nodes: number, node: (row: number) => number): Uint32Array {
  const starts = new Uint32Array(nodes + 1);
  for (const row of ends) starts[node(row) + 1] = (starts[node(row) + 1] ?? 0) + 1;
  for (let index = 0; index < nodes; index += 1) starts[index + 1] = (starts[index + 1] ?? 0) + (starts[index] ?? 0);
  return starts;
}

/** Edge numbers ordered by the node at one of their ends. */
function countingOrder(ends: Uint32Array, nodes: number, node: (row: number) => number): Uint32Array {
  const next = startsOf(ends, nodes, node);
  const order = new Uint32Array(ends.length);
  for (let edge = 0; edge < ends.length; edge += 1) {
    const at = node(ends[edge] ?? 0);
    const place = next[at] ?? 0;
    order[place] = edge;
    next[at] = place + 1;
  }
  return order;
}

/** The neighbours of a node, without copying. */
export function neighboursOf(graph: Graph, node: number): Uint32Array {
  return graph.neighbours.subarray(graph.starts[node] ?? 0, graph.starts[node + 1] ?? 0);
}
