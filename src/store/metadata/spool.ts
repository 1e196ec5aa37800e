import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { arrow } from '../arrow.ts';
import { BatchBuilder } from '../batch.ts';
import { declaredColumns } from '../tables/packages.ts';

const rowsPerBatch = 4096;

/**
 * Keeps the declared columns of all packages on disk, as Arrow batches, until the columns that need the whole
 * evaluation are known: memory stays the same however many packages there are.
 */
export class Spool {
  readonly #directory: string;
  readonly #builder = new BatchBuilder({ name: 'declared', columns: declaredColumns });
  #files = 0;
  #writing: Promise<void> = Promise.resolve();
  rows = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async add(declared: object): Promise<void> {
    this.#builder.append(declared);
    this.rows += 1;
    if (this.#builder.rows >= rowsPerBatch) await this.#flush();
  }

  /** Ends the writing; afterwards the batches can be read, any number of times. */
  async finish(): Promise<void> {
    if (this.#builder.rows > 0) await this.#flush();
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

  async #flush(): Promise<void> {
    const batch = this.#builder.finish();
    const bytes = arrow.RecordBatchStreamWriter.writeAll(new arrow.Table(batch.schema, [batch])).toUint8Array(true);
    const path = this.#path(this.#files);
    this.#files += 1;
    await this.#writing;
    this.#writing = writeFile(path, bytes);
    this.#writing.catch(() => {});
  }

  #path(file: number): string {
    return join(this.#directory, `${String(file).padStart(6, '0')}.arrow`);
  }
}
