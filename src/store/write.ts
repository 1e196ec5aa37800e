import type { Connection, Table } from '@lancedb/lancedb';
import type { RecordBatch, Schema } from 'apache-arrow';
import { arrow } from './arrow.ts';
import { batchesOf } from './batch.ts';
import { concatBatches } from './concat.ts';
import { openTable, openTableIfThere } from './connection.ts';
import { schemaOf, type TableSpec } from './table.ts';

// LanceDB takes a write as one buffer, so its size bounds the memory that a write needs.
const bytesPerWrite = 16 << 20;
// Compacting rewrites all rows, and all of them then travel, so small changes are left as they are until there are this many.
// A table that was written at once may have half as many.
const mostFragments = 16;

/**
 * Replaces the table's content, or makes the table: its version numbers go on, and the versions before stay readable.
 * One write is under way while the next batches are made. Throws where the table then holds another number of rows.
 * @param metadata what stands in the table's metadata beside the schema's version
 * @returns the number of rows
 */
export async function overwriteTable(
  connection: Connection,
  spec: TableSpec,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  metadata: Record<string, string> = {},
): Promise<number> {
  const schema = schemaOf(spec, metadata);
  const isOlder = (await connection.tableNames()).includes(spec.name);
  let table: Table | undefined;
  let rows = 0;
  const write = async (chunk: RecordBatch[]) => {
    const data = new arrow.Table(schema, [concatBatches(schema, chunk)]);
    if (table === undefined) table = await connection.createTable(spec.name, data, { mode: 'overwrite' });
    else await table.add(data);
  };
  let underWay: Promise<void> = Promise.resolve();
  for await (const chunk of chunksOf(batches)) {
    rows += chunk.reduce((sum, batch) => sum + batch.numRows, 0);
    await underWay;
    underWay = write(chunk);
    underWay.catch(() => {});
  }
  await underWay;
  table ??= await emptyTable(connection, spec, schema);
  await expectRows(table, rows);
  if (isOlder) await compact(table);
  return rows;
}

/** Adds rows to a table, made where it is not there yet. Throws where their number does not arrive. */
export async function appendRows(connection: Connection, spec: TableSpec, rows: readonly object[]): Promise<void> {
  const table = await openTableIfThere(connection, spec.name);
  if (table === null) {
    await overwriteTable(connection, spec, batchesOf(spec, rows));
    return;
  }
  if (rows.length === 0) return;
  const before = await table.countRows();
  const schema = schemaOf(spec);
  await table.add(new arrow.Table(schema, [concatBatches(schema, await Array.fromAsync(batchesOf(spec, rows)))]));
  await expectRows(table, before + rows.length);
  await compactIfScattered(table);
}

/**
 * Changes single rows of a table: `batches` replace the rows with the same `keys` or are added, the rows that any of the
 * `removed` conditions (SQL) picks go. Throws where the table then does not hold `expected` rows.
 */
export async function mergeRows(
  connection: Connection,
  spec: TableSpec,
  keys: string[],
  batches: RecordBatch[],
  removed: readonly string[],
  expected: number,
): Promise<void> {
  const table = await openTable(connection, spec.name);
  for (const condition of removed) await table.delete(condition);
  if (batches.length > 0) {
    const schema = schemaOf(spec);
    const data = new arrow.Table(schema, [concatBatches(schema, batches)]);
    await table.mergeInsert(keys).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data);
  }
  await expectRows(table, expected);
  await compactIfScattered(table);
}

async function compactIfScattered(table: Table): Promise<void> {
  const { fragmentStats } = await table.stats();
  if (fragmentStats.numFragments > mostFragments) await compact(table);
}

/** Makes one file of many, and removes the versions before, which readers of an earlier generation still have there. */
async function compact(table: Table): Promise<void> {
  await table.optimize({ cleanupOlderThan: new Date() });
}

/** SQL conditions that together pick the rows whose `column` is one of `values`, a thousand values each. */
export function inConditions(column: string, values: readonly string[]): string[] {
  const conditions: string[] = [];
  for (let start = 0; start < values.length; start += 1000) {
    conditions.push(
      `${column} IN (${values
        .slice(start, start + 1000)
        .map(sqlText)
        .join(', ')})`,
    );
  }
  return conditions;
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function emptyTable(connection: Connection, spec: TableSpec, schema: Schema): Promise<Table> {
  return connection.createEmptyTable(spec.name, schema, { mode: 'overwrite' });
}

async function expectRows(table: Table, expected: number): Promise<void> {
  const found = await table.countRows();
  if (found !== expected) throw new Error(`table ${table.name} holds ${found} rows after a write, not ${expected}`);
}

async function* chunksOf(batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>): AsyncGenerator<RecordBatch[]> {
  let chunk: RecordBatch[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    chunk.push(batch);
    bytes += batch.data.byteLength;
    if (bytes < bytesPerWrite) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}
