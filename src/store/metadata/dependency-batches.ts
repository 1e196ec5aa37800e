import { hash } from 'node:crypto';
import type { RecordBatch } from 'apache-arrow';
import { inputKinds } from '../../model.ts';
import { arrow } from '../arrow.ts';
import { BatchBuilder } from '../batch.ts';
import { dependenciesTable, inputColumns } from '../tables/dependencies.ts';
import { DependencyJson, type JsonOrder } from './dependency-json.ts';
import { packageInputs, type PackageInputs, type SystemInputs } from './system-inputs.ts';

/** What is to be made: the rows of the table `dependencies`, and beside them the JSON of the first system where it is wanted. */
export interface DependencyOrder {
  systems: SystemInputs[];
  json: JsonOrder | null;
}

/** A row of `dependencies`. */
export type DependencyRecord = { package_id: string; system: string; row_hash: string } & Record<string, unknown>;

// Some 10 MB.
const rowsPerBatch = 1 << 14;

/** The rows of `dependencies` in batches; the JSON is complete when the last one is there. */
export async function* dependencyBatches({ systems, json }: DependencyOrder): AsyncGenerator<RecordBatch, void> {
  const file = json === null ? null : await DependencyJson.create(json);
  const builder = new BatchBuilder(dependenciesTable);
  try {
    for (const [number, system] of systems.entries()) {
      for (const entry of packageInputs(system)) {
        if (number === 0) await file?.add(entry);
        builder.append(recordOf(entry));
        if (builder.rows === rowsPerBatch) yield builder.finish();
      }
    }
    if (builder.rows > 0) yield builder.finish();
    await file?.finish();
  } finally {
    file?.destroy();
  }
}

/**
 * Answers orders given to a thread: an order with its first batch, and null with the next one of the same order. A batch is an Arrow IPC
 * stream; null stands where there is none left.
 */
export function batchServer(): (order: DependencyOrder | null) => Promise<Uint8Array<ArrayBuffer> | null> {
  let batches: AsyncGenerator<RecordBatch, void> | undefined;
  return async (order) => {
    if (order !== null) batches = dependencyBatches(order);
    const batch = (await batches?.next())?.value;
    if (!batch) return null;
    const table = new arrow.Table(batch.schema, [batch]);
    return arrow.RecordBatchStreamWriter.writeAll(table).toUint8Array(true) as Uint8Array<ArrayBuffer>;
  };
}

function recordOf({ packageId, system, pname, version, inputs, total }: PackageInputs): DependencyRecord {
  const record: DependencyRecord = {
    package_id: packageId,
    system,
    pname,
    version,
    attribute_path: packageId,
    total_dependencies: total,
    row_hash: '',
  };
  // No text has a NUL in it.
  let content = `${pname}\0${version ?? ''}\0${total}`;
  for (const kind of inputKinds) {
    const { names, ids } = inputs[kind];
    record[inputColumns[kind].names] = names;
    record[inputColumns[kind].ids] = ids;
    content += `\0\0${names.join('\0')}\0\0${ids.join('\0')}`;
  }
  record.row_hash = hash('sha256', content).slice(0, 32);
  return record;
}
