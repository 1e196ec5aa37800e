import type { Table } from '@lancedb/lancedb';
import type { Data, RecordBatch, Utf8 } from 'apache-arrow';
import { inputKinds } from '../model.ts';
import { inputColumns } from './tables/dependencies.ts';
import { sqlText } from './write.ts';

/** The packages of one system and the edges between them, by number. */
export interface DependencyGraph {
  system: string;
  ids: string[];
  /** Edges from a package to its inputs; `kind` is an index into `inputKinds`. */
  from: Uint32Array;
  to: Uint32Array;
  kind: Uint8Array;
}

/** The systems that `dependencies` holds, the first row's first. */
export async function systemsOf(table: Table): Promise<string[]> {
  const systems = new Set<string>();
  for await (const batch of table.query().select(['system'])) {
    for (const value of batch.getChild('system') ?? []) systems.add(value as string);
  }
  return [...systems];
}

/** Reads all edges of a system from table `dependencies`; inputs that are no packages of the dataset are left out. */
export async function readGraph(table: Table, system: string): Promise<DependencyGraph> {
  const schema = await table.schema();
  const kinds = [...inputKinds.entries()].filter(([, kind]) => schema.names.includes(inputColumns[kind].ids));
  const columns = ['package_id', ...kinds.map(([, kind]) => inputColumns[kind].ids)];
  const { batches } = await table
    .query()
    .select(columns)
    .where(`system = ${sqlText(system)}`)
    .toArrow();
  const ids = batches.flatMap((batch) => [...(batch.getChild('package_id') ?? [])] as string[]);
  const numbers = new Map(ids.map((id, index) => [id, index]));
  const edges = { from: [] as number[], to: [] as number[], kind: [] as number[] };
  let first = 0;
  for (const batch of batches) {
    for (const [index, kind] of kinds) {
      eachItem(batch, inputColumns[kind].ids, (row, id) => {
        const to = numbers.get(id);
        if (to === undefined) return;
        edges.from.push(first + row);
        edges.to.push(to);
        edges.kind.push(index);
      });
    }
    first += batch.numRows;
  }
  const [from, to] = [Uint32Array.from(edges.from), Uint32Array.from(edges.to)];
  return { system, ids, from, to, kind: Uint8Array.from(edges.kind) };
}

/** Calls back for each text of a list column that is not null, with its row in the batch. */
function eachItem(batch: RecordBatch, name: string, onItem: (row: number, text: string) => void): void {
  const decoder = new TextDecoder();
  let base = 0;
  for (const data of batch.getChild(name)?.data ?? []) {
    const items = data.children[0] as Data<Utf8> | undefined;
    const offsets = data.valueOffsets as unknown as Int32Array;
    for (let row = 0; row < data.length; row += 1) {
      for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item += 1) {
        if (items === undefined || !items.getValid(item)) continue;
        const [start, end] = [items.valueOffsets[item] ?? 0, items.valueOffsets[item + 1] ?? 0];
        onItem(base + row, decoder.decode(items.values.subarray(start, end)));
      }
    }
    base += data.length;
  }
}
