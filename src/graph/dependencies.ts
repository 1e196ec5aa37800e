import type { InputKind } from '../model.ts';
import { inputKinds } from '../model.ts';
import { buildGraph } from './csr.ts';
import type { Edges } from './csr.ts';
import { countReachable, reach } from './reach.ts';

/** Packages and the edges between them, by number. */
export interface PackageGraph extends Edges {
  ids: string[];
}

/** A package that another one needs, or that needs it. */
export interface Dependency {
  attribute_path: string;
  /** How many edges away; 1 is a declared input. */
  depth: number;
  /** The kinds in which the package before it declares it (or, for dependents, in which it declares that one). */
  kinds: InputKind[];
  /** The package before it on a shortest way. */
  via: string;
}

export interface WalkOptions {
  direction: 'inputs' | 'dependents';
  transitive: boolean;
  /** Only edges of these kinds; all where it is empty. */
  kinds: InputKind[];
}

/** What a package (by number) needs, or what needs it, the nearest first. */
export function walk(graph: PackageGraph, start: number, { direction, transitive, kinds }: WalkOptions): Dependency[] {
  const edges = restrictKinds(graph, kinds);
  const compact = buildGraph(edges, { nodes: graph.ids.length, direction });
  const reached = reach(compact, start, transitive ? Infinity : 1);
  const kindsOf = kindsBetween(edges, direction, reached);
  return reached.map(({ node, depth, via }) => ({
    attribute_path: graph.ids[node] ?? '',
    depth,
    kinds: [...(kindsOf.get(node) ?? [])].toSorted((a, b) => a - b).flatMap((kind) => inputKinds[kind] ?? []),
    via: graph.ids[via] ?? '',
  }));
}

/** The packages that most others need, directly or through others, with how many. */
export function mostNeeded(
  graph: PackageGraph,
  options: { count: number; transitive: boolean; kinds: InputKind[] },
): { attribute_path: string; dependents: number }[] {
  const compact = buildGraph(restrictKinds(graph, options.kinds), { nodes: graph.ids.length, direction: 'dependents' });
  const counts = options.transitive
    ? countReachable(compact)
    : Uint32Array.from(
        { length: compact.nodes },
        (_, node) => (compact.starts[node + 1] ?? 0) - (compact.starts[node] ?? 0),
      );
  return [...counts.keys()]
    .toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b)
    .slice(0, options.count)
    .map((node) => ({ attribute_path: graph.ids[node] ?? '', dependents: counts[node] ?? 0 }));
}

function restrictKinds(edges: Edges, kinds: InputKind[]): Edges {
  if (kinds.length === 0) return edges;
  const wanted = new Set(kinds.map((kind) => inputKinds.indexOf(kind)));
  const kept = [...edges.kind.keys()].filter((edge) => wanted.has(edges.kind[edge] ?? -1));
  return {
    from: Uint32Array.from(kept, (edge) => edges.from[edge] ?? 0),
    to: Uint32Array.from(kept, (edge) => edges.to[edge] ?? 0),
    kind: Uint8Array.from(kept, (edge) => edges.kind[edge] ?? 0),
  };
}

/** For each reached node the kinds of the edges between it and the node before it. */
function kindsBetween(
  edges: Edges,
  direction: WalkOptions['direction'],
  reached: { node: number; via: number }[],
): Map<number, Set<number>> {
  const viaOf = new Map(reached.map(({ node, via }) => [node, via]));
  const kinds = new Map<number, Set<number>>();
  for (const [edge, kind] of edges.kind.entries()) {
    const [from, to] = [edges.from[edge] ?? 0, edges.to[edge] ?? 0];
    const [near, far] = direction === 'inputs' ? [from, to] : [to, from];
    if (viaOf.get(far) !== near) continue;
    kinds.set(far, (kinds.get(far) ?? new Set()).add(kind));
  }
  return kinds;
}
