import type { ClusterInput, JoinReason } from './model.ts';
import { directoryOf, familyOf, fileOf, leafOf, setOf, stemOf } from './names.ts';

/**
 * A kind of evidence: packages that share a key are one package. `related` narrows a key down further, for two packages at
 * a time; `maxHeads` gives up on keys that too many different packages share, because such a key says nothing.
 */
export interface Evidence {
  reason: Exclude<JoinReason, 'override'>;
  /** How often such a join is right, by the sample in bench/clusters. */
  confidence: number;
  keys: (row: ClusterInput) => readonly (string | number)[];
  /** What packages with a common key have in common as well, and is cheaper to tell: of one that has it alone no keys are made. */
  bucket?: (row: ClusterInput) => string;
  related?: (a: ClusterInput, b: ClusterInput) => boolean;
  maxHeads?: number;
}

/** The kinds of evidence, the strongest first. */
export const evidence: Evidence[] = [
  {
    reason: 'derivation',
    confidence: 1,
    keys: (row) => row.derivations,
  },
  {
    // One file with one name: python313Packages.x and python314Packages.x, postgresql_16 and postgresql_17.
    reason: 'position',
    confidence: 0.99,
    bucket: ownName,
    keys: (row) => (row.position === null ? [] : [key(fileOf(row.position), row.package_name)]),
  },
  {
    // A file a version in the package's own directory: go/1.25.nix and go/1.26.nix.
    reason: 'directory',
    confidence: 0.97,
    bucket: ownName,
    keys: (row) => (row.position === null ? [] : [key(directoryOf(row.position), row.package_name)]),
  },
  {
    // The same member of sets that differ in their version alone: qt5.qtbase and qt6.qtbase.
    reason: 'package_set',
    confidence: 0.97,
    bucket: ownName,
    keys: (row) => {
      const set = setOf(row.package_id);
      return set === '' ? [] : [key(familyOf(set), leafOf(row.package_id), row.package_name)];
    },
  },
  {
    // A version in the name that is the package's own version: gtk3 at 3.24 and gtk4 at 4.22.
    reason: 'version',
    confidence: 0.9,
    bucket: (row) => stemOf(row.package_name, row.version),
    keys: versionKeys,
  },
  {
    // neovim and neovim-unwrapped.
    reason: 'wrapper',
    confidence: 0.97,
    bucket: unwrappedPath,
    keys: wrapperKeys,
  },
  {
    // Builds of one source in other sizes: ffmpeg and ffmpeg-headless, vim and vim-full. At top level only: in a language's
    // set such names are other libraries from the same source (ocamlPackages.zmq and zmq-lwt).
    reason: 'flavour',
    confidence: 0.85,
    bucket: (row) => row.description ?? '',
    keys: (row) =>
      row.position === null || row.version === null || row.description === null || setOf(row.package_id) !== ''
        ? []
        : [key(directoryOf(row.position), row.version, row.description)],
    related: (a, b) => isFlavour(a.package_name, b.package_name) || isFlavour(b.package_name, a.package_name),
    maxHeads: 32,
  },
  {
    // Weak: never the homepage alone, and none that more than a few share under one name.
    reason: 'homepage',
    confidence: 0.9,
    bucket: ownName,
    keys: (row) =>
      row.homepage === null || row.description === null
        ? []
        : [key(familyOf(setOf(row.package_id)), row.package_name, row.homepage)],
    related: (a, b) => a.description === b.description,
    maxHeads: 3,
  },
];

/**
 * Packages of one directory that were one package before stay so, where what joined them is gone for a while: a new version that
 * only one of them has got yet. `clusterOf` gives the cluster_id that a path had.
 */
export function historyOf(clusterOf: ReadonlyMap<string, string>): Evidence {
  return {
    reason: 'history',
    confidence: 0.85,
    keys: (row) => {
      const cluster = clusterOf.get(row.package_id);
      return cluster === undefined || row.position === null ? [] : [key(cluster, directoryOf(row.position))];
    },
  };
}

function ownName({ package_name }: ClusterInput): string {
  return package_name;
}

function versionKeys(row: ClusterInput): string[] {
  const attributeStem = stemOf(leafOf(row.package_id), row.version);
  const nameStem = stemOf(row.package_name, row.version);
  if (attributeStem !== nameStem) return [];
  const stem = key(familyOf(setOf(row.package_id)), nameStem);
  return [row.homepage, row.description].filter((word) => word !== null).map((word) => key(stem, word));
}

function wrapperKeys(row: ClusterInput): string[] {
  if (row.version === null) return [];
  const path = unwrappedPath(row);
  const name = row.package_name.replace(/-(?:un)?wrapped$|-wrapper$/, '');
  return [row.homepage, row.description, row.position === null ? null : directoryOf(row.position)]
    .filter((word) => word !== null)
    .map((word) => key(path, name, row.version ?? '', word));
}

function unwrappedPath({ package_id }: ClusterInput): string {
  return package_id.replace(/[-_]?unwrapped/i, '');
}

function isFlavour(name: string, base: string): boolean {
  return name.startsWith(`${base}-`) || name.startsWith(`${base}_`);
}

function key(...parts: string[]): string {
  return parts.join('\u0000');
}
