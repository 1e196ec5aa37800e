import { hash } from 'node:crypto';
import type { Connection } from '@lancedb/lancedb';
import { batchesOf } from './batch.ts';
import { openTableIfThere } from './connection.ts';
import { scanRows } from './scan.ts';
import type { TableSpec } from './table.ts';
import { overwriteTable } from './write.ts';

/** Replaces a small table's rows, unless it holds just these already, in whichever order. */
export async function replaceIfChanged(
  connection: Connection,
  spec: TableSpec,
  rows: readonly object[],
): Promise<void> {
  const table = await openTableIfThere(connection, spec.name);
  if (table !== null && (await table.countRows()) === rows.length) {
    const columns = Object.keys(spec.columns);
    const wanted = sumOfHashes(rows, columns);
    const found = sumOfHashes(await Array.fromAsync(scanRows<object>(table)), columns);
    if (wanted === found) return;
  }
  await overwriteTable(connection, spec, batchesOf(spec, rows));
}

/** A hash that the order of the rows does not change. */
function sumOfHashes(rows: readonly object[], columns: string[]): bigint {
  const values = rows.map((row) => {
    const record = row as Record<string, unknown>;
    const text = JSON.stringify(columns.map((name) => comparable(record[name])));
    return BigInt(`0x${hash('sha256', text).slice(0, 32)}`);
  });
  return values.reduce((sum, value) => sum + value, 0n);
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
