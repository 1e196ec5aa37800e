import { components } from './components.ts';
import type { Graph } from './csr.ts';
import { neighboursOf } from './csr.ts';

/** A node that was reached, the number of edges to it, and the node before it on a shortest way. */
export interface Reached {
  node: number;
  depth: number;
  via: number;
}

/** All nodes that can be reached from `start`, itself left out, by breadth first: nearest first, equals ascending. */
export function reach(graph: Graph, start: number, maxDepth = Infinity): Reached[] {
  const seen = new Uint8Array(graph.nodes);
  seen[start] = 1;
  const reached: Reached[] = [];
  let level = [start];
  for (let depth = 1; level.length > 0 && depth <= maxDepth; depth += 1) {
    const found: Reached[] = [];
    for (const via of level) {
      for (const node of neighboursOf(graph, via)) {
        if (seen[node] === 1) continue;
        seen[node] = 1;
        found.push({ node, depth, via });
      }
    }
    found.sort((a, b) => a.node - b.node);
    for (const entry of found) reached.push(entry);
    level = found.map((entry) => entry.node);
  }
  return reached;
}

/** Columns of one pass: 4096 nodes as bits take 46 MB for nixpkgs. */
const wordsAPass = 128;

/**
 * For every node how many other nodes can be reached from it. Components are condensed and met in topological order; each pass
 * carries the bits of a few thousand components, so that memory stays bounded.
 */
export function countReachable(graph: Graph): Uint32Array {
  const { componentOf, count } = components(graph);
  const size = new Uint32Array(count);
  for (const component of componentOf) size[component] = (size[component] ?? 0) + 1;
  const condensed = condense(graph, componentOf, count);
  const total = new Uint32Array(count);
  const bits = new Uint32Array(count * wordsAPass);
  for (let base = 0; base < count; base += wordsAPass * 32) {
    countPass(condensed, size, total, bits, base);
  }
  return componentOf.map((component) => (total[component] ?? 1) - 1);
}

/** Adds to `total` what each component reaches among the components from `base` on, itself among them. */
function countPass(
  { starts, targets }: { starts: Uint32Array; targets: Uint32Array },
  size: Uint32Array,
  total: Uint32Array,
  bits: Uint32Array,
  base: number,
): void {
  bits.fill(0, base * wordsAPass);
  const last = Math.min(size.length, base + wordsAPass * 32);
  for (let component = base; component < size.length; component += 1) {
    const row = component * wordsAPass;
    if (component < last) bits[row + ((component - base) >>> 5)] = 1 << ((component - base) & 31);
    for (let edge = starts[component] ?? 0; edge < (starts[component + 1] ?? 0); edge += 1) {
      const target = targets[edge] ?? 0;
      // Edges lead to lower numbers: below the base nothing of this pass can be reached any more.
      if (target < base) continue;
      const from = target * wordsAPass;
      for (let word = 0; word < wordsAPass; word += 1)
        bits[row + word] = (bits[row + word] ?? 0) | (bits[from + word] ?? 0);
    }
    total[component] = (total[component] ?? 0) + weigh(bits, row, size, base);
  }
}

function weigh(bits: Uint32Array, row: number, size: Uint32Array, base: number): number {
  let sum = 0;
  for (let word = 0; word < wordsAPass; word += 1) {
    for (let rest = bits[row + word] ?? 0; rest !== 0; rest &= rest - 1) {
      sum += size[base + word * 32 + (31 - Math.clz32(rest & -rest))] ?? 0;
    }
  }
  return sum;
}

function condense(
  graph: Graph,
  componentOf: Uint32Array,
  count: number,
): { starts: Uint32Array; targets: Uint32Array } {
  const members = Array.from({ length: count }, (): number[] => []);
  for (const [node, component] of componentOf.entries()) members[component]?.push(node);
  const starts = new Uint32Array(count + 1);
  const targets = new Uint32Array(graph.neighbours.length);
  const stamp = new Uint32Array(count);
  let used = 0;
  for (const [component, nodes] of members.entries()) {
    starts[component] = used;
    for (const node of nodes) {
      for (const neighbour of neighboursOf(graph, node)) {
        const target = componentOf[neighbour] ?? 0;
        if (target === component || stamp[target] === component + 1) continue;
        stamp[target] = component + 1;
        targets[used] = target;
        used += 1;
      }
    }
  }
  starts[count] = used;
  return { starts, targets };
}
