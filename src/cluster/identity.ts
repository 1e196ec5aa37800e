import { compareNames } from './order.ts';
import type { PreviousCluster } from './model.ts';

/** What a cluster is called, and since when. */
export interface Identity {
  cluster_id: string;
  first_seen: Date;
}

/**
 * Names clusters given as lists of attribute paths, the preferred names first. History wins: an id stays with the
 * attribute path that it is, or where that is gone with most of the paths that it named; of two earlier clusters that are one
 * now, the older one's id stays. A cluster without history is named by its first path.
 */
export function nameClusters(
  count: number,
  pathsOf: (cluster: number) => string[],
  previous: readonly PreviousCluster[],
  now: Date,
): Identity[] {
  const claims = allClaims(count, pathsOf, previous);
  const owners = new Map<string, { index: number; strength: number }>();
  for (const [index, list] of claims) {
    for (const { cluster, strength } of list) {
      const owner = owners.get(cluster.cluster_id);
      if (owner === undefined || strength > owner.strength) owners.set(cluster.cluster_id, { index, strength });
    }
  }
  const taken = new Set(owners.keys());
  return Array.from({ length: count }, (_, index) => {
    const kept = claims.get(index)?.find((claim) => owners.get(claim.cluster.cluster_id)?.index === index);
    if (kept !== undefined) return { cluster_id: kept.cluster.cluster_id, first_seen: kept.cluster.first_seen };
    return { cluster_id: freeName(pathsOf(index), taken), first_seen: now };
  });
}

/** Which earlier clusters live on in which clusters. */
function allClaims(
  count: number,
  pathsOf: (cluster: number) => string[],
  previous: readonly PreviousCluster[],
): Map<number, Claim[]> {
  const claims = new Map<number, Claim[]>();
  if (previous.length === 0) return claims;
  const known = new Map<string, PreviousCluster>();
  for (const cluster of previous) {
    for (const path of cluster.attribute_paths) known.set(path, cluster);
  }
  for (let index = 0; index < count; index += 1) {
    const found = claimsOf(pathsOf(index), known);
    if (found.length > 0) claims.set(index, found);
  }
  return claims;
}

interface Claim {
  cluster: PreviousCluster;
  /** How many of the earlier cluster's paths are here; the one that names it outweighs all others. */
  strength: number;
}

/** The earlier clusters that live on in these paths, the oldest first. */
function claimsOf(paths: string[], known: Map<string, PreviousCluster>): Claim[] {
  const claims = new Map<string, Claim>();
  for (const path of paths) {
    const cluster = known.get(path);
    if (cluster === undefined) continue;
    const claim = claims.get(cluster.cluster_id) ?? { cluster, strength: 0 };
    claim.strength += path === cluster.cluster_id ? cluster.attribute_paths.length + 1 : 1;
    claims.set(cluster.cluster_id, claim);
  }
  return [...claims.values()].toSorted(
    (a, b) =>
      a.cluster.first_seen.getTime() - b.cluster.first_seen.getTime() ||
      b.strength - a.strength ||
      compareNames(a.cluster.cluster_id, b.cluster.cluster_id),
  );
}

/** The first path that no other cluster is called by; an id stays with the cluster that had it. */
function freeName(paths: string[], taken: Set<string>): string {
  let name = paths.find((path) => !taken.has(path));
  for (let round = 2; name === undefined; round += 1) {
    name = paths.map((path) => `${path}~${round}`).find((path) => !taken.has(path));
  }
  taken.add(name);
  return name;
}
