import { randomUUID } from 'node:crypto';
import type { Timing } from '../../stopwatch.ts';
import type { RunRow, SystemCounts } from '../tables/runs.ts';
import type { ResolvedSystem } from './analysis.ts';
import type { Delta } from './packages.ts';

/** Where the packages come from, as the run's row tells it. */
export interface Provenance {
  source: string;
  revision: string | null;
  nixpkgsVersion: string | null;
  /** Hash of source and settings; equal ones would give the same dataset. */
  identity: string;
  versions: { tool: string; version: string }[];
}

/** The row of table `runs` for a metadata phase that began at `startedAt` and wrote so many packages. */
export function runRow(
  provenance: Provenance,
  systems: ResolvedSystem[],
  { packages, delta }: { packages: number; delta: Delta },
  startedAt: Date,
  timings: Timing[],
): RunRow {
  const counts = systems.map(({ facts, resolvedEdges }): SystemCounts => ({
    system: facts.system,
    lines: facts.lines,
    packages: facts.packages,
    errors: facts.errors,
    invalid: facts.invalid,
    edges: facts.edges,
    resolved_edges: resolvedEdges,
  }));
  return {
    run_id: randomUUID(),
    phase: 'metadata',
    started_at: startedAt,
    finished_at: new Date(),
    source: provenance.source,
    revision: provenance.revision,
    nixpkgs_version: provenance.nixpkgsVersion,
    identity: provenance.identity,
    packages,
    errors: counts.reduce((sum, { errors }) => sum + errors, 0),
    invalid_lines: counts.reduce((sum, { invalid }) => sum + invalid, 0),
    dependencies_known: systems.some(({ facts }) => facts.hasInputs),
    systems: counts,
    added: delta.added,
    changed: delta.changed,
    removed: delta.removed.length,
    timings,
    versions: provenance.versions,
    cost_usd: 0,
    note: null,
  };
}
