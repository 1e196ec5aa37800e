import type { Connection } from '@lancedb/lancedb';
import type { References } from '../../model.ts';
import type { StageContext } from '../../report/event.ts';
import { allDone } from '../../all-done.ts';
import { connectDataset } from '../connection.ts';
import type { FtsOptions } from '../fts.ts';
import { writeGeneration, type Staging } from '../generation.ts';
import { runsTable, type RunRow } from '../tables/runs.ts';
import { stopwatch } from '../../stopwatch.ts';
import { appendRows } from '../write.ts';
import { resolveSystems, type Analyse, type ResolvedSystem } from './analysis.ts';
import { collect, type Duplicate, type IncomingSystem } from './collect.ts';
import { contentOf, type Content } from './content.ts';
import { dependencyHashes } from './dependencies.ts';
import { PendingFile, type JsonOrder } from './dependency-json.ts';
import { writeAllDependencies, type BatchThread } from './dependency-writer.ts';
import { writeOtherTables } from './other-tables.ts';
import type { Delta, VectorSource } from './packages.ts';
import { isContinuable, readPrevious } from './previous.ts';
import { runRow, type Provenance } from './run-row.ts';
import { Spool } from './spool.ts';
import { systemInputs } from './system-inputs.ts';

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
  /** Called when all is read: gives a thread for the rows of `dependencies`. */
  batchThread: () => BatchThread;
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
  await new PendingFile(deps.dependencyPath).expectPlace();
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
  const thread = deps.batchThread();
  const connection = await connectDataset(staging.directory, { create: true });
  const continuing = staging.previous !== null && (await isContinuable(connection));
  const previous = continuing ? await readPrevious(connection) : null;
  const hashes = continuing ? await dependencyHashes(connection) : null;
  const now = new Date();
  const { systems, content } = await watch('resolve inputs', () => ({
    systems: resolveSystems(collected),
    content: contentOf(collected, previous, now),
  }));
  const provenance = deps.provenance();
  const json = pendingJson(deps, provenance, systems, content, now);
  const tables = { connection, continuing, collected, systems, content, previous, spool, provenance, now, watch };
  try {
    // The rows of dependencies need nothing of what follows, and are made on another thread meanwhile.
    const [dependenciesChanged, delta] = await allDone([
      watch('dependencies', () =>
        writeAllDependencies(
          connection,
          {
            systems: systems.map(({ facts, targets }) => systemInputs(facts, targets, collected.packages)),
            json: json?.order ?? null,
          },
          hashes,
          thread,
        ),
      ),
      writeOtherTables(tables, deps),
    ]);
    const counts = { packages: collected.packages.length, delta };
    const run = runRow(provenance, systems, counts, startedAt, watch.timings);
    await appendRows(connection, runsTable, [run]);
    return { summary: { run, delta, dependenciesChanged }, json: json?.file };
  } catch (error) {
    await json?.file.discard();
    throw error;
  }
}

/** The dependency JSON as it is to be written; null where the first system knows no inputs. */
function pendingJson(
  { dependencyPath }: MetadataDeps,
  { nixpkgsVersion, revision }: Provenance,
  [first]: ResolvedSystem[],
  { lastUpdated }: Content,
  now: Date,
): { file: PendingFile; order: JsonOrder } | null {
  if (first === undefined || !first.facts.hasInputs) return null;
  const { system, packages } = first.facts;
  const head = {
    nixpkgs_version: nixpkgsVersion,
    revision,
    system,
    total_packages: packages,
    generated_at: now.toISOString(),
  };
  const file = new PendingFile(dependencyPath);
  return { file, order: { path: file.temporary, head, lastUpdated } };
}
