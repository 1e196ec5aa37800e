import type { Connection } from '@lancedb/lancedb';
import { openTableIfThere } from '../connection.ts';
import { scanRows } from '../scan.ts';
import { versionsTable, type VersionRow } from '../tables/versions.ts';
import { appendRows } from '../write.ts';
import type { PackageFacts } from './package-facts.ts';
import type { Previous } from './previous.ts';

/** Adds the versions of packages that were never seen before to the table `versions`. */
export async function appendVersions(
  connection: Connection,
  packages: PackageFacts,
  previous: Previous | null,
  revision: string | null,
  now: Date,
): Promise<void> {
  const candidates: Pick<VersionRow, 'package_id' | 'version'>[] = [];
  for (let row = 0; row < packages.length; row += 1) {
    const [package_id, version] = [packages.idOf(row), packages.textOf(row, 'version')];
    const before = previous?.packages.get(package_id);
    if (before === undefined || before.version !== version) candidates.push({ package_id, version });
  }
  if (candidates.length === 0) return;
  const seen = await versionsSeen(connection);
  const fresh = seen.size === 0 ? candidates : candidates.filter((row) => !seen.has(keyOf(row)));
  const added = fresh.map(({ package_id, version }): VersionRow => ({
    package_id,
    version,
    revision,
    first_seen: now,
  }));
  await appendRows(connection, versionsTable, added);
}

async function versionsSeen(connection: Connection): Promise<Set<string>> {
  const seen = new Set<string>();
  const table = await openTableIfThere(connection, versionsTable.name);
  if (table === null) return seen;
  for await (const row of scanRows<VersionRow>(table, { columns: ['package_id', 'version'] })) seen.add(keyOf(row));
  return seen;
}

function keyOf({ package_id, version }: Pick<VersionRow, 'package_id' | 'version'>): string {
  return `${package_id}\t${version ?? ''}`;
}
