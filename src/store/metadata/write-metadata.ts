import { randomUUID } from 'node:crypto';
import type { Connection } from '@lancedb/lancedb';
import type { References } from '../../model.ts';
import type { StageContext } from '../../report/event.ts';
import { connectDataset, openTable } from '../connection.ts';
import { ensureFtsIndexes, type FtsOptions } from '../fts.ts';
import { writeGeneration, type Staging } from '../generation.ts';
import { replaceIfChanged } from '../replace.ts';
import { clustersTable } from '../tables/clusters.ts';
import { errorsTable } from '../tables/errors.ts';
import { runsTable, type RunRow, type SystemCounts } from '../tables/runs.ts';
import { stopwatch, type Timing } from '../../stopwatch.ts';
import { appendRows } from '../write.ts';
import { analyseAll, type Analyse, type ResolvedSystem } from './analysis.ts';
import { collect, type Duplicate, type IncomingSystem } from './collect.ts';
import { writeDependencies } from './dependencies.ts';
import { writeDependencyJson, type PendingFile } from './dependency-json.ts';
import { writePackages, type Delta, type VectorSource } from './packages.ts';
import { isContinuable, readPrevious } from './previous.ts';
import { Spool } from './spool.ts';
import { appendVersions } from './versions.ts';

/** Where the packages come from, as the run's row tells it. */
export interface Provenance {
  source: string;
  revision: string | null;
  nixpkgsVersion: string | null;
  /** Hash of source and settings; equal ones would give the same dataset. */
  identity: string;
  versions: { tool: string; version: string }[];
}

/** What writing the metadata needs besides the packages. */
export interface MetadataDeps {
  path: string;
  dependencyPath: string;
  provenance: () => Provenance;
  references: () => Promise<References>;
  duplicate: Duplicate;
  analyse: Analyse;
  /** Vectors of the dataset before, for rows whose text did not change. */
  vectors: (previous: Connection) => Promise<VectorSource | null>;
  fts: FtsOptions;
}

/** What a metadata phase did. */
export interface MetadataSummary {
  run: RunRow;
  delta: Delta;
  dependenciesChanged: number;
}

/**
 * Writes the main dataset from all systems' packages and errors, on top of the dataset before, and the dependency JSON.
 * Readers see the new one whole, at the end, or not at all.
 */
export async function writeMetadata(
  incoming: Iterable<IncomingSystem>,
  deps: MetadataDeps,
  context: StageContext,
): Promise<MetadataSummary> {
  let json: PendingFile | undefined;
  try {
    return await writeGeneration(deps.path, context, async (staging) => {
      const written = await writeTables(incoming, deps, staging, context);
      json = written.json;
      return { keep: true, result: written.summary, settled: async () => json?.commit() };
    });
  } finally {
    await json?.discard();
  }
}

async function writeTables(
  incoming: Iterable<IncomingSystem>,
  deps: MetadataDeps,
  staging: Staging,
  context: StageContext,
): Promise<{ summary: MetadataSummary; json: PendingFile | undefined }> {
  const startedAt = new Date();
  const watch = stopwatch(context.report);
  const spool = new Spool(staging.scratch);
  const collected = await watch('read and normalize', () => collect(incoming, spool, deps.duplicate, context));
  const connection = await connectDataset(staging.directory, { create: true });
  const continuing = staging.previous !== null && (await isContinuable(connection));
  const previous = continuing ? await readPrevious(connection) : null;
  const { systems, analysis } = await watch('identity and ranking', () =>
    analyseAll(collected, previous?.clusters ?? [], deps.analyse),
  );
  const references = await deps.references();
  const vectors = continuing ? await deps.vectors(connection) : null;
  const now = new Date();
  const provenance = deps.provenance();
  // Lance encodes and indexes on threads of its own while the other tables and the JSON are made here.
  const packages = watch('packages', () =>
    writePackages(connection, { collected, spool, analysis, references, previous, vectors, now }),
  );
  const indexes = packages.then(() =>
    watch('full-text indexes', async () => ensureFtsIndexes(await openTable(connection, 'packages'), deps.fts)),
  );
  const json = packages.then((delta) =>
    watch('dependency JSON', () => dependencyJson(deps, provenance, systems, collected.rows, delta, now)),
  );
  const dependencies = watch('dependencies', () => writeDependencies(connection, systems, collected.rows));
  const others = dependencies.then(() =>
    watch('errors, clusters and versions', async () => {
      await replaceIfChanged(connection, errorsTable, collected.errors);
      await replaceIfChanged(connection, clustersTable, analysis.clusters);
      await appendVersions(connection, collected.rows, previous, provenance.revision, now);
    }),
  );
  const all = [packages, dependencies, others, indexes, json] as const;
  // Where one fails, none of the others must write into a directory that is being removed.
  await Promise.allSettled(all);
  try {
    const [delta, dependenciesChanged] = await Promise.all(all);
    const run = runRow(provenance, systems, delta, startedAt, watch.timings);
    await appendRows(connection, runsTable, [run]);
    return { summary: { run, delta, dependenciesChanged }, json: await json };
  } catch (error) {
    await (await json.catch(() => undefined))?.discard();
    throw error;
  }
}

async function dependencyJson(
  deps: MetadataDeps,
  provenance: Provenance,
  systems: ResolvedSystem[],
  rows: Parameters<typeof writeDependencyJson>[3],
  delta: Delta,
  now: Date,
): Promise<PendingFile | undefined> {
  const [first] = systems;
  if (first === undefined || !first.facts.hasInputs) return undefined;
  const head = {
    nixpkgs_version: provenance.nixpkgsVersion,
    revision: provenance.revision,
    system: first.facts.system,
    total_packages: first.facts.packages,
    generated_at: now.toISOString(),
  };
  return writeDependencyJson(deps.dependencyPath, head, first, rows, delta.lastUpdated);
}

function runRow(
  provenance: Provenance,
  systems: ResolvedSystem[],
  delta: Delta,
  startedAt: Date,
  timings: Timing[],
): RunRow {
  const counts = systems.map(({ facts, resolved }): SystemCounts => ({
    system: facts.system,
    lines: facts.lines,
    packages: facts.packages,
    errors: facts.errors,
    invalid: facts.invalid,
    edges: facts.edges,
    resolved_edges: resolved,
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
    packages: delta.lastUpdated.length,
    errors: counts.reduce((sum, { errors }) => sum + errors, 0),
    invalid_lines: counts.reduce((sum, { invalid }) => sum + invalid, 0),
    dependencies_known: systems.some(({ facts }) => facts.hasInputs),
    systems: counts,
    added: delta.added.length,
    changed: delta.changed.length,
    removed: delta.removed.length,
    timings,
    versions: provenance.versions,
    cost_usd: 0,
    note: null,
  };
}
