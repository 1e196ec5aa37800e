import { hash } from 'node:crypto';
import type { Connection } from '@lancedb/lancedb';
import { batchesOf } from './batch.ts';
import { openTableIfThere } from './connection.ts';
import { scanRows } from './scan.ts';
import type { TableSpec } from './table.ts';
import { inConditions, mergeRows, overwriteTable } from './write.ts';

// Up to this share of rows changes are merged; beyond it a fresh table is smaller.
const mergeShare = 0.2;

/**
 * Replaces a small table's rows, unless it holds just these already, in whichever order. Where few are others, the files of the
 * rest stay as they are.
 * @param key a column that tells the rows apart, or null where none does: then the table is written anew
 */
export async function replaceIfChanged(
  connection: Connection,
  spec: TableSpec,
  content: Iterable<object>,
  key: string | null,
): Promise<void> {
  const columns = Object.keys(spec.columns);
  const table = await openTableIfThere(connection, spec.name);
  if (table === null) {
    await overwriteTable(connection, spec, batchesOf(spec, content));
    return;
  }
  const rows = [...content];
  const before = await hashesOf(scanRows<object>(table), columns, key);
  const wanted = await hashesOf(rows, columns, key);
  const known = new Map(before.map(({ id, digest }) => [id, digest]));
  const changed = rows.filter((_, row) => known.get(wanted[row]?.id) !== wanted[row]?.digest);
  const ids = new Set(wanted.map(({ id }) => id));
  const removed = before.flatMap(({ id }) => (ids.has(id) ? [] : [String(id)]));
  if (before.length === wanted.length && changed.length + removed.length === 0) return;
  const isKey = key !== null && known.size === before.length && ids.size === rows.length;
  if (!isKey || changed.length + removed.length > rows.length * mergeShare) {
    await overwriteTable(connection, spec, batchesOf(spec, rows));
  } else {
    const batches = await Array.fromAsync(batchesOf(spec, changed));
    await mergeRows(connection, spec, [key], batches, inConditions(key, removed), rows.length);
  }
}

/** Each row's key, or all of it where there is none but for how often it came before, and a hash of its content. */
async function hashesOf(
  rows: AsyncIterable<object> | Iterable<object>,
  columns: string[],
  key: string | null,
): Promise<{ id: unknown; digest: string }[]> {
  const times = new Map<string, number>();
  const hashes: { id: unknown; digest: string }[] = [];
  for await (const row of rows) {
    const record = row as Record<string, unknown>;
    const digest = hash('sha256', JSON.stringify(columns.map((name) => comparable(record[name]))), 'base64').slice(
      0,
      22,
    );
    const time = times.get(digest) ?? 0;
    times.set(digest, time + 1);
    hashes.push({ id: key === null ? `${digest} ${time}` : record[key], digest });
  }
  return hashes;
}

/** What Arrow gives back for a value: times as numbers, floats in single precision, all fields of a struct. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  // Times are whole numbers that single precision cannot hold.
  if (typeof value === 'number') return Number.isInteger(value) ? value : Math.fround(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, comparable(field)]);
}
