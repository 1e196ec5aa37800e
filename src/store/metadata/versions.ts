import type { Connection } from '@lancedb/lancedb';
import { openTableIfThere } from '../connection.ts';
import { scanRows } from '../scan.ts';
import { versionsTable, type VersionRow } from '../tables/versions.ts';
import { appendRows } from '../write.ts';
import type { CollectedRow } from './collect.ts';
import type { Previous } from './previous.ts';

/** Adds the versions of packages that were never seen before to the table `versions`. */
export async function appendVersions(
  connection: Connection,
  rows: readonly CollectedRow[],
  previous: Previous | null,
  revision: string | null,
  now: Date,
): Promise<void> {
  const candidates = rows.filter(({ package_id: id, version }) => {
    const before = previous?.packages.get(id);
    return before === undefined || before.version !== version;
  });
  if (candidates.length === 0) return;
  const table = await openTableIfThere(connection, versionsTable.name);
  const seen = new Set<string>();
  if (table !== null) {
    const columns = ['package_id', 'version'];
    for await (const row of scanRows<VersionRow>(table, { columns })) seen.add(keyOf(row));
  }
  const fresh = candidates
    .filter((row) => !seen.has(keyOf(row)))
    .map(({ package_id, version }): VersionRow => ({ package_id, version, revision, first_seen: now }));
  await appendRows(connection, versionsTable, fresh);
}

function keyOf({ package_id, version }: Pick<VersionRow, 'package_id' | 'version'>): string {
  return `${package_id}\t${version ?? ''}`;
}
