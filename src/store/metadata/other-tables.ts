import type { Connection } from '@lancedb/lancedb';
import { allDone } from '../../all-done.ts';
import type { Stopwatch } from '../../stopwatch.ts';
import { openTable } from '../connection.ts';
import { ensureFtsIndexes } from '../fts.ts';
import { replaceIfChanged } from '../replace.ts';
import { clustersTable } from '../tables/clusters.ts';
import { errorsTable } from '../tables/errors.ts';
import { analyseAll, type ResolvedSystem } from './analysis.ts';
import { writePackages, type Delta, type PackagesInput } from './packages.ts';
import type { Provenance } from './run-row.ts';
import { appendVersions } from './versions.ts';
import type { MetadataDeps } from './write-metadata.ts';

/** What the tables are written from. */
export interface Tables extends Omit<PackagesInput, 'analysis' | 'references' | 'vectors'> {
  connection: Connection;
  continuing: boolean;
  systems: ResolvedSystem[];
  provenance: Provenance;
  now: Date;
  watch: Stopwatch;
}

/** Works identity and ranking out, and writes `packages` with its indexes and the small tables. */
export async function writeOtherTables(tables: Tables, deps: MetadataDeps): Promise<Delta> {
  const { connection, continuing, collected, systems, content, previous, spool, provenance, now, watch } = tables;
  const analysis = await watch('identity and ranking', () =>
    analyseAll(collected, systems, previous?.clusters ?? [], deps.analyse),
  );
  const references = await deps.references();
  const vectors = continuing ? await deps.vectors(connection) : null;
  const writeAndIndex = async (): Promise<Delta> => {
    const input = { collected, content, spool, analysis, references, previous, vectors };
    const written = await watch('packages', () => writePackages(connection, input));
    await watch('full-text indexes', async () => ensureFtsIndexes(await openTable(connection, 'packages'), deps.fts));
    return written;
  };
  // Lance encodes and indexes on threads of its own, and the small tables are made here where it leaves time.
  const [delta] = await allDone([
    writeAndIndex(),
    watch('errors, clusters and versions', async () => {
      await replaceIfChanged(connection, errorsTable, collected.errors, null);
      await replaceIfChanged(connection, clustersTable, analysis.clusters, 'cluster_id');
      await appendVersions(connection, collected.packages, previous, provenance.revision, now);
    }),
  ]);
  return delta;
}
