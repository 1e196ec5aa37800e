import type { Graph } from './csr.ts';

/** Strongly connected components: `componentOf` numbers them so that every edge leads to the same or a lower number. */
export interface Components {
  componentOf: Uint32Array;
  count: number;
}

/** Tarjan's algorithm without recursion. */
export function components(graph: Graph): Components {
  const { nodes, starts, neighbours } = graph;
  const index = new Uint32Array(nodes);
  const low = new Uint32Array(nodes);
  const componentOf = new Uint32Array(nodes);
  const open = new Uint8Array(nodes);
  const next = starts.slice(0, nodes);
  const stack: number[] = [];
  const path: number[] = [];
  let [clock, count] = [0, 0];

  function enter(node: number): void {
    clock += 1;
    index[node] = clock;
    low[node] = clock;
    open[node] = 1;
    stack.push(node);
    path.push(node);
  }

  function close(root: number): void {
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      open[node] = 0;
      componentOf[node] = count;
      if (node === root) break;
    }
    count += 1;
  }

  function lower(node: number, value: number): void {
    low[node] = Math.min(low[node] ?? 0, value);
  }

  for (let root = 0; root < nodes; root += 1) {
    if (index[root] !== 0) continue;
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = next[node] ?? 0;
      if (edge < (starts[node + 1] ?? 0)) {
        next[node] = edge + 1;
        const to = neighbours[edge] ?? 0;
        if (index[to] === 0) enter(to);
        else if (open[to] === 1) lower(node, index[to] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent, low[node] ?? 0);
      if (low[node] === index[node]) close(node);
    }
  }
  return { componentOf, count };
}

/** The cycles of a graph: the components of more than one node, the largest first, their nodes ascending. */
export function cyclesOf({ componentOf, count }: Components): number[][] {
  const size = new Uint32Array(count);
  for (const component of componentOf) size[component] = (size[component] ?? 0) + 1;
  const cycles = new Map<number, number[]>();
  for (const [node, component] of componentOf.entries()) {
    if ((size[component] ?? 0) < 2) continue;
    const cycle = cycles.get(component) ?? [];
    cycle.push(node);
    cycles.set(component, cycle);
  }
  return [...cycles.values()].toSorted((a, b) => b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0));
}
