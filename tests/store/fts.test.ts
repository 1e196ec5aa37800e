import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesOf } from '../../src/store/batch.ts';
import { utf8 } from '../../src/store/column.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { completeIndexes, ensureFtsIndexes, ftsColumns } from '../../src/store/fts.ts';
import { overwriteTable } from '../../src/store/write.ts';
import { temporaryDirectory } from '../support/directory.ts';

function threeWords(first: string, index: number): string {
  return [0, 1, 2].map((part) => `${first}${(index * 3 + part).toString(36)}`).join(' ');
}

// On few processors Lance would build these indexes with one or two threads, and wait for ever.
test(
  'more words than one page of an index takes, in two columns at a time, on few processors',
  { timeout: 120_000 },
  async (t) => {
    const connection = await connectDataset(await temporaryDirectory(t));
    const columns = Object.fromEntries(ftsColumns.map((name) => [name, { type: utf8, nullable: true, doc: '' }]));
    const spec = { name: 'packages', columns };
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      description: threeWords('d', index),
      long_description: threeWords('l', index),
    }));
    await overwriteTable(connection, spec, batchesOf(spec, rows));
    const table = await openTable(connection, 'packages');
    await ensureFtsIndexes(table, { stemmer: null, stopwords: null });
    assert.deepEqual([...(await completeIndexes(table))].toSorted(), [...ftsColumns].toSorted());
    connection.close();
  },
);
