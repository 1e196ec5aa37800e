import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { arrow } from '../arrow.ts';
import { BatchBuilder } from '../batch.ts';
import { plain } from '../scan.ts';
import { declaredColumns } from '../tables/packages.ts';

/**
 * Keeps the declared columns of all packages on disk, as Arrow batches, until the columns that need the whole
 * evaluation are known: memory stays the same however many packages there are.
 */
export class Spool {
  readonly #directory: string;
  #files = 0;
  #writing: Promise<void> = Promise.resolve();
  rows = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Adds a batch, an Arrow IPC stream of `rows` rows, of which only those in `kept` are wanted. */
  async add(stream: Uint8Array, rows: number, kept: readonly number[]): Promise<void> {
    if (kept.length === 0) return;
    const bytes = kept.length === rows ? stream : picked(stream, kept);
    const path = this.#path(this.#files);
    this.#files += 1;
    this.rows += kept.length;
    await this.#writing;
    this.#writing = writeFile(path, bytes);
    this.#writing.catch(() => {});
  }

  /** Ends the writing; afterwards the batches can be read, any number of times. */
  async finish(): Promise<void> {
    await this.#writing;
  }

  /** The batches in order, with the row that each begins at. */
  *batches(): Generator<{ start: number; batch: RecordBatch }> {
    let start = 0;
    for (let file = 0; file < this.#files; file += 1) {
      for (const batch of arrow.tableFromIPC(readFileSync(this.#path(file))).batches) {
        yield { start, batch };
        start += batch.numRows;
      }
    }
  }

  #path(file: number): string {
    return join(this.#directory, `${String(file).padStart(6, '0')}.arrow`);
  }
}

function picked(stream: Uint8Array, kept: readonly number[]): Uint8Array {
  const table = arrow.tableFromIPC(stream);
  const builder = new BatchBuilder({ name: 'declared', columns: declaredColumns });
  for (const row of kept) builder.append(plain(table.get(row)) as object);
  const batch = builder.finish();
  return arrow.RecordBatchStreamWriter.writeAll(new arrow.Table(batch.schema, [batch])).toUint8Array(true);
}
