import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { components, cyclesOf } from '../../src/graph/components.ts';
import { buildGraph, neighboursOf } from '../../src/graph/csr.ts';
import type { Edges } from '../../src/graph/csr.ts';
import { countDependents, defaultRankOptions, rankClusters } from '../../src/graph/index.ts';
import { pageRank } from '../../src/graph/pagerank.ts';
import { countReachable, reach } from '../../src/graph/reach.ts';

type Edge = [from: number, to: number, kind?: number];

function edges(list: Edge[]): Edges {
  return {
    from: Uint32Array.from(list, ([from]) => from),
    to: Uint32Array.from(list, ([, to]) => to),
    kind: Uint8Array.from(list, ([, , kind]) => kind ?? 0),
  };
}

const nodes = 12;
const anyEdges = fc.array(fc.tuple(fc.nat({ max: nodes - 1 }), fc.nat({ max: nodes - 1 }), fc.nat({ max: 4 })), {
  maxLength: 40,
});

describe('the graph', () => {
  it('holds each neighbour once, ascending, with its heaviest weight, and no loops', () => {
    fc.assert(
      fc.property(anyEdges, (list) => {
        const weights = [1, 5, 3, 2, 4];
        const graph = buildGraph(edges(list), { nodes, weights, direction: 'inputs' });
        for (let node = 0; node < nodes; node += 1) {
          const expected = new Map<number, number>();
          for (const [from, to, kind] of list) {
            if (from === node && to !== node) expected.set(to, Math.max(expected.get(to) ?? 0, weights[kind] ?? 0));
          }
          const sorted = [...expected].toSorted(([a], [b]) => a - b);
          assert.deepEqual(
            [...neighboursOf(graph, node)],
            sorted.map(([to]) => to),
          );
          const row = graph.weights.subarray(graph.starts[node], graph.starts[node + 1]);
          assert.deepEqual(
            [...row],
            sorted.map(([, weight]) => weight),
          );
        }
      }),
    );
  });

  it('counts what can be reached exactly as a search from every node does', () => {
    fc.assert(
      fc.property(anyEdges, (list) => {
        const graph = buildGraph(edges(list), { nodes, direction: 'dependents' });
        const expected = Array.from({ length: nodes }, (_, node) => reach(graph, node).length);
        assert.deepEqual([...countReachable(graph)], expected);
      }),
    );
  });

  it('counts what can be reached over more nodes than one pass takes', () => {
    const length = 10_000;
    const chain = edges(Array.from({ length: length - 1 }, (_, node): Edge => [node, node + 1]));
    const counts = countReachable(buildGraph(chain, { nodes: length, direction: 'inputs' }));
    assert.deepEqual(
      [...counts],
      Array.from({ length }, (_, node) => length - 1 - node),
    );
  });

  it('names its cycles: nodes that reach each other', () => {
    fc.assert(
      fc.property(anyEdges, (list) => {
        const graph = buildGraph(edges(list), { nodes, direction: 'inputs' });
        const reached = Array.from(
          { length: nodes },
          (_, node) => new Set(reach(graph, node).map((entry) => entry.node)),
        );
        const cycleOf = new Map(
          cyclesOf(components(graph)).flatMap((cycle, index) => cycle.map((node) => [node, index])),
        );
        for (let a = 0; a < nodes; a += 1) {
          for (let b = 0; b < a; b += 1) {
            const mutual = reached[a]?.has(b) === true && reached[b]?.has(a) === true;
            assert.equal(cycleOf.has(a) && cycleOf.get(a) === cycleOf.get(b), mutual);
          }
        }
      }),
    );
  });

  it('numbers components so that edges lead to the same or a lower one', () => {
    fc.assert(
      fc.property(anyEdges, (list) => {
        const { componentOf } = components(buildGraph(edges(list), { nodes, direction: 'inputs' }));
        assert.ok(list.every(([from, to]) => (componentOf[to] ?? 0) <= (componentOf[from] ?? 0)));
      }),
    );
  });

  it('gives the nearest way to what it reaches', () => {
    const graph = buildGraph(
      edges([
        [0, 1],
        [1, 2],
        [0, 3],
        [3, 2],
        [2, 0],
      ]),
      { nodes: 4, direction: 'inputs' },
    );
    assert.deepEqual(reach(graph, 0), [
      { node: 1, depth: 1, via: 0 },
      { node: 3, depth: 1, via: 0 },
      { node: 2, depth: 2, via: 1 },
    ]);
    assert.equal(reach(graph, 0, 1).length, 2);
  });
});

describe('PageRank', () => {
  it('solves its equation and sums up to one', () => {
    fc.assert(
      fc.property(anyEdges, (list) => {
        const graph = buildGraph(edges(list), { nodes, weights: [1, 2, 3, 4, 5], direction: 'inputs' });
        const { rank, converged, iterations } = pageRank(graph, {
          damping: 0.85,
          tolerance: 1e-12,
          maxIterations: 1000,
        });
        assert.ok(converged && iterations > 0);
        assert.ok(Math.abs(rank.reduce((sum, value) => sum + value, 0) - 1) < 1e-9);
        const expected = new Float64Array(nodes).fill(0.15 / nodes);
        for (let node = 0; node < nodes; node += 1) {
          const targets = neighboursOf(graph, node);
          const row = graph.weights.subarray(graph.starts[node], graph.starts[node + 1]);
          const total = row.reduce((sum, value) => sum + value, 0);
          for (let to = 0; to < nodes; to += 1) {
            const at = targets.indexOf(to);
            const share = total === 0 ? 1 / nodes : at === -1 ? 0 : (row[at] ?? 0) / total;
            expected[to] = (expected[to] ?? 0) + 0.85 * (rank[node] ?? 0) * share;
          }
        }
        for (let node = 0; node < nodes; node += 1)
          assert.ok(Math.abs((expected[node] ?? 0) - (rank[node] ?? 0)) < 1e-9);
      }),
    );
  });

  it('of clusters is 1 on average, and does not count what a cluster needs of itself', () => {
    const clusterOf = Uint32Array.from([0, 0, 1, 2]);
    const ranks = rankClusters(
      edges([
        [0, 1],
        [0, 2],
        [1, 2],
        [3, 2],
      ]),
      clusterOf,
    );
    assert.equal(ranks.converged, true);
    assert.ok(Math.abs(ranks.rank.reduce((sum, value) => sum + value, 0) / 3 - 1) < 0.01);
    assert.equal(ranks.rank[0], ranks.rank[2]);
    assert.deepEqual(ranks.cycles, []);
    assert.deepEqual(
      rankClusters(
        edges([
          [0, 2],
          [2, 1],
        ]),
        clusterOf,
      ).cycles,
      [[0, 1]],
    );
  });

  it('of nothing ends', () => {
    assert.equal(rankClusters(edges([]), new Uint32Array(), defaultRankOptions).converged, true);
  });
});

describe('dependents', () => {
  it('are distinct packages, and the same for all paths of a derivation', () => {
    // Rows 0 and 1 are one derivation, as are 3 and 4; edges lead to the first row of a derivation.
    const derivationOf = Uint32Array.from([0, 0, 2, 3, 3]);
    const list: Edge[] = [
      [2, 0, 0],
      [2, 0, 1],
      [3, 0, 0],
      [4, 0, 0],
      [3, 2, 0],
    ];
    assert.deepEqual([...countDependents(edges(list), 5, derivationOf)], [2, 2, 1, 0, 0]);
    assert.deepEqual([...countDependents(edges(list), 5)], [3, 0, 1, 0, 0]);
  });
});
