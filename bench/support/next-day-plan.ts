/** Decides what changes from one day to the next, before a line is written. */
import { seededFraction, storeHash } from '../../scripts/store-hash.ts';
import { nextVersion, replaceVersion } from './next-version.ts';
import { dependentsOf, type Derivation, type RecordingGraph } from './recording-graph.ts';

/** Shares of the versions, descriptions and attributes that change, 0 to 1. */
export interface Rates {
  bump: number;
  describe: number;
  add: number;
  remove: number;
}

export interface Plan {
  bumped: Set<string>;
  rebuilt: Set<string>;
  described: Set<string>;
  removed: Set<string>;
  /** From the attribute path that it is made from to the new one. */
  added: Map<string, string>;
  /** From each derivation path that changes to its new one. */
  paths: Map<string, string>;
}

const storePath = /^(\/nix\/store\/)[0-9a-z]{32}-(.*)$/s;

/** The store path of what is built another way: another hash, and the next version in its name where `version` is given. */
export function nextStorePath(path: string, seed: number, version: string | null): string {
  const [, store, name] = storePath.exec(path) ?? [];
  if (store === undefined || name === undefined) return path;
  const next = version === null ? null : nextVersion(version);
  const renamed = version === null || next === null ? name : replaceVersion(name, version, next);
  return `${store}${storeHash(`${seed}:${path}`)}-${renamed}`;
}

/** The version of a release that `Derivation.release` names. */
export function versionOf({ release }: Derivation): string | null {
  return release === null ? null : release.slice(release.indexOf('\n') + 1);
}

function freeName(attr: string, taken: Set<string>): string {
  for (let suffix = '-next'; ; suffix += 'x') {
    if (!taken.has(attr + suffix)) return attr + suffix;
  }
}

/** What changes: the same graph, rates and seed give the same plan. */
export function planNextDay(graph: RecordingGraph, rates: Rates, seed: number): Plan {
  const chosen = (kind: keyof Rates, key: string) => seededFraction(`${seed}:${kind}:${key}`) < rates[kind];
  const packages = [...graph.packages.keys()];
  const removed = new Set(packages.filter((attr) => chosen('remove', attr)));
  const staying = (list: Derivation) => list.attrs.filter((attr) => !removed.has(attr));
  const attrsOf = (list: Iterable<Derivation>) => new Set([...list].flatMap(staying));
  const taken = new Set(graph.attrs);
  const added = new Map<string, string>();
  for (const attr of packages) {
    if (!chosen('add', attr)) continue;
    const name = freeName(attr, taken);
    taken.add(name);
    added.set(attr, name);
  }
  const bumpedIndexes = new Set<number>();
  for (const [index, derivation] of graph.derivations.entries()) {
    // What nothing of the next recording tells about cannot be bumped: its dependents would change for no visible reason.
    if (derivation.release === null || staying(derivation).length === 0) continue;
    if (chosen('bump', derivation.release)) bumpedIndexes.add(index);
  }
  const rebuiltIndexes = dependentsOf(graph, bumpedIndexes);
  const at = (index: number) => graph.derivations[index] ?? [];
  const bumped = [...bumpedIndexes].flatMap(at);
  const rebuilt = [...rebuiltIndexes].flatMap(at);
  const paths = new Map(bumped.map((one) => [one.path, nextStorePath(one.path, seed, versionOf(one))]));
  for (const { path } of rebuilt) paths.set(path, nextStorePath(path, seed, null));
  const described = graph.derivations.filter((one) => one.described && chosen('describe', one.path));
  return { bumped: attrsOf(bumped), rebuilt: attrsOf(rebuilt), described: attrsOf(described), removed, added, paths };
}
