import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clusterPackages, type ClusterOptions } from '../../src/cluster/index.ts';
import type { ClusterInput } from '../../src/cluster/model.ts';
import { UsageError } from '../../src/errors.ts';

const now = new Date('2026-07-14T00:00:00Z');
const later = new Date('2026-07-15T00:00:00Z');

function row(package_id: string, fields: Partial<ClusterInput> = {}): ClusterInput {
  const leaf = package_id.split('.').at(-1) ?? package_id;
  return {
    package_id,
    package_name: leaf,
    version: '1.0',
    position: `pkgs/${package_id}/package.nix:1`,
    homepage: null,
    description: null,
    derivations: [`/nix/store/${package_id}.drv`],
    ...fields,
  };
}

/** Clusters with all their rows. */
function clustered(rows: ClusterInput[], options: ClusterOptions) {
  const { clusters, unknownOverrides } = clusterPackages(rows, options);
  return { clusters: [...clusters], clusterOf: clusters.clusterOf, unknownOverrides };
}

function idsOf(rows: ClusterInput[], { clusterOf, clusters }: ReturnType<typeof clustered>): Map<string, string> {
  return new Map(rows.map((entry, index) => [entry.package_id, clusters[clusterOf[index] ?? -1]?.cluster_id ?? '']));
}

function together(rows: ClusterInput[]): string[][] {
  const { clusters } = clustered(rows, { now });
  return clusters.filter((cluster) => cluster.size > 1).map((cluster) => cluster.attribute_paths);
}

describe('evidence', () => {
  it('joins the attribute paths of one derivation', () => {
    const derivations = ['/nix/store/a.drv'];
    const rows = [row('foo', { derivations }), row('alias', { derivations }), row('other')];
    assert.deepEqual(together(rows), [['foo', 'alias']]);
  });

  it('joins versions of a package set', () => {
    const position = 'pkgs/development/python-modules/numpy/default.nix:9';
    const rows = [row('python313Packages.numpy', { position }), row('python314Packages.numpy', { position })];
    const [cluster] = clustered(rows, { now }).clusters;
    assert.equal(cluster?.cluster_id, 'python313Packages.numpy');
    assert.deepEqual(cluster.joins, [
      {
        package_id: 'python314Packages.numpy',
        joined_to: 'python313Packages.numpy',
        reason: 'position',
        confidence: 0.99,
      },
    ]);
  });

  it('joins names that carry their version, and only those', () => {
    const homepage = 'https://www.gtk.org/';
    const rows = [
      row('gtk3', { package_name: 'gtk+3', version: '3.24.52', homepage }),
      row('gtk4', { version: '4.22.4', homepage }),
      row('gtksourceview4', { package_name: 'gtksourceview', version: '4.8.4', homepage }),
      row('bzip2', { version: '1.0.8', homepage }),
      row('bzip', { version: '0.21', homepage }),
    ];
    assert.deepEqual(together(rows), [['gtk3', 'gtk4']]);
  });

  it('joins a wrapper with what it wraps', () => {
    const homepage = 'https://neovim.io';
    const rows = [
      row('neovim', { homepage }),
      row('neovim-unwrapped', { homepage }),
      row('neovim-gtk', { homepage }),
      row('vim-unwrapped', { homepage: null }),
      row('vim', { homepage }),
    ];
    assert.deepEqual(together(rows), [['neovim', 'neovim-unwrapped']]);
  });

  it('joins flavours of one source at top level, not the libraries of a package set', () => {
    const same = { position: 'pkgs/ffmpeg/generic.nix:1', description: 'Record, convert and stream' };
    const set = { position: 'pkgs/zmq/default.nix:1', description: 'Bindings' };
    const rows = [
      row('ffmpeg', same),
      row('ffmpeg-headless', same),
      row('ocamlPackages.zmq', set),
      row('ocamlPackages.zmq-lwt', set),
    ];
    assert.deepEqual(together(rows), [['ffmpeg', 'ffmpeg-headless']]);
  });

  it('joins nothing through a homepage alone', () => {
    const homepage = 'https://kde.org';
    const rows = ['kate', 'okular', 'dolphin'].map((name) => row(name, { homepage, description: 'Part of KDE' }));
    assert.deepEqual(together(rows), []);
  });

  it('gives up on a homepage that many packages of one name share', () => {
    const shared = { homepage: 'https://example.org', package_name: 'plugin', version: null };
    const rows = Array.from({ length: 6 }, (_, index) =>
      row(`plugin-${index}x`, { ...shared, description: `Plugin ${index}` }),
    );
    const [first] = rows;
    assert.ok(first);
    assert.deepEqual(
      together([...rows, { ...first, package_id: 'late-plugin', position: 'x.nix:1', derivations: [] }]),
      [['plugin-0x', 'late-plugin']],
    );
    assert.deepEqual(together(rows), []);
  });
});

describe('overrides', () => {
  const derivations = ['/nix/store/one.drv'];
  const rows = [row('a', { derivations }), row('b', { derivations }), row('c', { derivations }), row('d')];

  it('have the last word', () => {
    const overrides = { merge: [['d', 'c']], split: [['a', 'c']] };
    const { clusters } = clustered(rows, { now, overrides });
    assert.deepEqual(
      clusters.map((cluster) => cluster.attribute_paths),
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    );
    assert.equal(clusters[1]?.joins[0]?.reason, 'override');
  });

  it('that contradict each other are an error', () => {
    const overrides = {
      merge: [
        ['a', 'd'],
        ['d', 'c'],
      ],
      split: [['a', 'c']],
    };
    assert.throws(() => clustered(rows, { now, overrides }), UsageError);
  });

  it('that name nothing are reported', () => {
    const overrides = { merge: [['a', 'gone']], split: [] };
    assert.deepEqual(clustered(rows, { now, overrides }).unknownOverrides, ['gone']);
  });
});

describe('identity', () => {
  it('is named by the path that is the package name', () => {
    const derivations = ['/nix/store/one.drv'];
    const rows = [row('more', { derivations, package_name: 'util-linux' }), row('util-linux', { derivations })];
    assert.equal(clustered(rows, { now }).clusters[0]?.cluster_id, 'util-linux');
  });

  it('stays when a better name comes, and when the path that names it goes', () => {
    const derivations = ['/nix/store/one.drv'];
    const [long, mid, short] = ['long-name', 'name', 'n'].map((id) => row(id, { derivations, package_name: 'x' }));
    assert.ok(long && mid && short);
    const first = clustered([long, mid], { now });
    assert.equal(first.clusters[0]?.cluster_id, 'name');
    const second = clustered([short, long, mid], { now: later, previous: first.clusters });
    assert.deepEqual(
      second.clusters.map((cluster) => [cluster.cluster_id, cluster.first_seen]),
      [['name', now]],
    );
    const third = clustered([short, long], { now: later, previous: second.clusters });
    assert.equal(third.clusters[0]?.cluster_id, 'name');
  });

  it('goes to the part that holds the naming path when a cluster splits', () => {
    const derivations = ['/nix/store/one.drv'];
    const ids = ['a', 'bb', 'cc', 'dd'];
    const first = clustered(
      ids.map((id) => row(id, { derivations })),
      { now },
    );
    const rest = ids.slice(1).map((id) => row(id, { derivations }));
    const second = clustered([row('a'), ...rest], { now: later, previous: first.clusters });
    assert.deepEqual(idsOf([row('a'), ...rest], second).get('a'), 'a');
    assert.deepEqual(
      second.clusters.map((cluster) => cluster.cluster_id),
      ['a', 'bb'],
    );
  });

  it('stays where one of two flavours has a new version first', () => {
    const same = { position: 'pkgs/ffmpeg/generic.nix:1', description: 'Record, convert and stream' };
    const first = clustered([row('ffmpeg', same), row('ffmpeg-headless', same)], { now });
    const next = [row('ffmpeg', { ...same, version: '2.0' }), row('ffmpeg-headless', same)];
    const second = clustered(next, { now: later, previous: first.clusters });
    assert.deepEqual(
      second.clusters.map(({ cluster_id, joins }) => [cluster_id, joins[0]?.reason]),
      [['ffmpeg', 'history']],
    );
    assert.equal(clustered(next, { now: later }).clusters.length, 2);
  });

  it('of the older one stays when two become one', () => {
    const old = [{ cluster_id: 'older', attribute_paths: ['older'], first_seen: now }];
    const young = [{ cluster_id: 'x', attribute_paths: ['x', 'y'], first_seen: later }];
    const derivations = ['/nix/store/one.drv'];
    const rows = ['x', 'y', 'older'].map((id) => row(id, { derivations }));
    assert.equal(clustered(rows, { now: later, previous: [...young, ...old] }).clusters[0]?.cluster_id, 'older');
  });

  it('is never given twice', () => {
    const previous = [{ cluster_id: 'a', attribute_paths: ['b'], first_seen: now }];
    const { clusters } = clustered([row('a'), row('b')], { now, previous });
    assert.deepEqual(clusters.map((cluster) => cluster.cluster_id).toSorted(), ['a', 'a~2']);
  });
});

const names = ['foo', 'foo1', 'foo-full', 'foo-unwrapped', 'bar'];
const anyRow = fc.record({
  set: fc.constantFrom('', 'python313Packages.', 'python314Packages.'),
  leaf: fc.constantFrom(...names, ...names.map((name) => `${name}_2`)),
  package_name: fc.constantFrom(...names),
  version: fc.constantFrom(null, '1.0', '2.1'),
  position: fc.constantFrom(null, 'pkgs/a/x.nix:1', 'pkgs/a/y.nix:2', 'pkgs/b/x.nix:3'),
  homepage: fc.constantFrom(null, 'https://a.example', 'https://b.example'),
  description: fc.constantFrom(null, 'A', 'B'),
  drv: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'),
});
const anyRows = fc
  .uniqueArray(anyRow, { selector: (entry) => entry.set + entry.leaf, maxLength: 25 })
  .map((list) =>
    list.map(({ set, leaf, drv, ...rest }): ClusterInput => ({ ...rest, package_id: set + leaf, derivations: [drv] })),
  );

describe('clusters of any packages', () => {
  it('do not depend on the order of the input', () => {
    fc.assert(
      fc.property(
        anyRows.chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(rows, { minLength: rows.length }),
            fc
              .subarray(rows, { maxLength: Math.min(2, rows.length) })
              .map((pair) => pair.map((entry) => entry.package_id)),
          ),
        ),
        ([rows, shuffled, apart]) => {
          const overrides = { merge: [], split: apart.length === 2 ? [apart] : [] };
          const first = clustered(rows, { now, overrides });
          assert.deepEqual(clustered(shuffled, { now, overrides }).clusters, first.clusters);
          const ids = idsOf(rows, first);
          const [a, b] = apart.map((path) => ids.get(path));
          assert.ok(apart.length < 2 || a !== b);
        },
      ),
    );
  });

  it('are trees of joins, and keep their ids in a second run', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (rows, next) => {
        const first = clustered(rows, { now });
        for (const cluster of first.clusters) {
          assert.equal(cluster.joins.length, cluster.size - 1);
          const members = new Set(cluster.attribute_paths);
          assert.ok(cluster.joins.every((join) => members.has(join.package_id) && members.has(join.joined_to)));
        }
        assert.deepEqual(clustered(rows, { now: later, previous: first.clusters }).clusters, first.clusters);
        const second = clustered(next, { now: later, previous: first.clusters }).clusters;
        assert.equal(new Set(second.map((cluster) => cluster.cluster_id)).size, second.length);
      }),
    );
  });
});
