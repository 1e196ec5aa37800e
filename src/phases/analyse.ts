import { clusterPackages } from '../cluster/index.ts';
import type { ClusterOverrides } from '../cluster/model.ts';
import { noOverrides, readOverrides } from '../cluster/overrides.ts';
import type { Config } from '../config/config.generated.ts';
import { countDependents, rankClusters } from '../graph/index.ts';
import { inputKinds } from '../model.ts';
import type { StageContext } from '../report/event.ts';
import type { Analyse } from '../store/metadata/analysis.ts';

/** Works out identity and ranking as the configuration says. */
export function analyser(config: Config, overrides: ClusterOverrides, { report }: StageContext): Analyse {
  const { damping, tolerance, maxIterations, weights } = config.graph;
  const byKind = { ...weightsByKind(weights) };
  return ({ rows, edges, derivationOf, previous }) => {
    const { clusters, unknownOverrides } = clusterPackages(rows, { previous, overrides, now: new Date() });
    if (unknownOverrides.length > 0) {
      report({
        type: 'warning',
        message: `cluster.overrides names attribute paths that are not there: ${unknownOverrides.join(', ')}`,
      });
    }
    const options = { damping, tolerance, maxIterations, weights: inputKinds.map((kind) => byKind[kind]) };
    const { rank, iterations, converged, delta } = rankClusters(edges, clusters.clusterOf, options);
    if (!converged) {
      report({ type: 'warning', message: `graph: ranks still changed by ${delta} after ${iterations} iterations` });
    }
    return { clusters, rank, dependents: countDependents(edges, rows.length, derivationOf) };
  };
}

function weightsByKind(weights: Config['graph']['weights']): Record<(typeof inputKinds)[number], number> {
  const { build, nativeBuild, propagatedBuild, propagatedNativeBuild, unknown } = weights;
  return {
    build,
    native_build: nativeBuild,
    propagated_build: propagatedBuild,
    propagated_native_build: propagatedNativeBuild,
    unknown,
  };
}

/** The file of merges and splits that the configuration names. */
export async function overridesOf({ cluster }: Config, signal: AbortSignal): Promise<ClusterOverrides> {
  return cluster.overrides === null ? noOverrides : readOverrides(cluster.overrides, signal);
}
