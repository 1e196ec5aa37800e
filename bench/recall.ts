/**
 * Recall@10 of the IVF-PQ index against brute force, for indexes and searches of several shapes, on vectors with real structure: those of a
 * local model, or TF-IDF of the packages' texts under a random projection. Held-out texts are the queries.
 *
 *   npx tsx bench/recall.ts DATASET [--stored | --model DIR] [--texts 30000] [--queries 500] [--dimensions 256]
 *     [--partitions 256] [--sub-vectors 8,16,32] [--nprobes 10,20,40] [--refine 0,5,10,20]
 *
 * DATASET is a main dataset; nothing is written to it. `--stored` takes the vectors that it has, `--model` embeds its texts. Prints a table in Markdown: recall@10 and, as a ratio to brute force in the same
 * run, how long a search takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { Index, type Table } from '@lancedb/lancedb';
import { composeText } from '../src/embed/text.ts';
import type { EmbeddableRow } from '../src/embed/dataset.ts';
import { localProvider } from '../src/embed/local/provider.ts';
import { batchesOf } from '../src/store/batch.ts';
import { int32, vector as vectorType } from '../src/store/column.ts';
import { connectDataset, openTable } from '../src/store/connection.ts';
import { scanRows } from '../src/store/scan.ts';
import type { TableSpec } from '../src/store/table.ts';
import { training } from '../src/store/vector-index.ts';
import { overwriteTable } from '../src/store/write.ts';
import { projectedTfIdf } from './support/tf-idf.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    stored: { type: 'boolean', default: false },
    texts: { type: 'string', default: '30000' },
    queries: { type: 'string', default: '500' },
    dimensions: { type: 'string', default: '256' },
    partitions: { type: 'string', default: '256' },
    'sub-vectors': { type: 'string', default: '8,16,32' },
    nprobes: { type: 'string', default: '10,20,40' },
    refine: { type: 'string', default: '0,5,10,20' },
  },
});

const neighbours = 10;

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}

async function distinctTexts(dataset: string, most: number): Promise<string[]> {
  const table = await openTable(await connectDataset(dataset), 'packages');
  const columns = ['attribute_path', 'package_name', 'main_program', 'description', 'long_description', 'category'];
  const texts = new Set<string>();
  for await (const row of scanRows<EmbeddableRow>(table, { columns })) texts.add(composeText(row, 8000));
  const all = [...texts];
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, i) => all[Math.floor(i * step)] ?? '');
}

async function vectorsOf(texts: string[], dimensions: number): Promise<Float32Array[]> {
  if (values.model === undefined) return projectedTfIdf(texts, dimensions);
  const provider = await localProvider({ modelPath: values.model, normalize: true, dimensions: null });
  const places = new Map(texts.map((_, i) => [String(i), i]));
  const vectors: Float32Array[] = [];
  const pending = texts.map((text, i) => ({ hash: String(i), text }));
  for await (const batch of provider.embed(pending, { signal: new AbortController().signal, report: () => {} })) {
    for (const { hash, vector } of batch) vectors[places.get(hash) ?? 0] = vector;
    stderr.write(`\r${vectors.length} of ${texts.length} texts embedded`);
  }
  stderr.write('\n');
  await provider.close();
  return vectors;
}

/** The vectors of a dataset, one a text, in an order that has nothing to do with the packages'. */
async function storedVectors(uri: string, most: number): Promise<Float32Array[]> {
  const table = await openTable(await connectDataset(uri), 'embeddings');
  const found: { hash: string; vector: Float32Array }[] = [];
  for await (const row of scanRows<{ content_hash: string; vector: number[] }>(table, {
    columns: ['content_hash', 'vector'],
  }))
    found.push({ hash: row.content_hash, vector: Float32Array.from(row.vector) });
  found.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return found.slice(0, most).map(({ vector }) => vector);
}

/** The nearest rows of each query, and the milliseconds that it took. */
async function search(
  table: Table,
  queries: Float32Array[],
  shape: { nprobes: number; refine: number } | null,
): Promise<{ found: Set<number>[]; milliseconds: number }> {
  const found: Set<number>[] = [];
  const started = performance.now();
  for (const query of queries) {
    let request = table.query().nearestTo(query).column('vector').distanceType('cosine').limit(neighbours);
    if (shape === null) request = request.bypassVectorIndex();
    else {
      request = request.nprobes(shape.nprobes);
      if (shape.refine > 0) request = request.refineFactor(shape.refine);
    }
    const rows = (await request.select(['id', '_distance']).toArray()) as { id: number }[];
    found.push(new Set(rows.map(({ id }) => id)));
  }
  return { found, milliseconds: (performance.now() - started) / queries.length };
}

function recall(truth: Set<number>[], found: Set<number>[]): number {
  const hits = truth.reduce((sum, nearest, i) => sum + nearest.intersection(found[i] ?? new Set()).size, 0);
  return hits / (truth.length * neighbours);
}

const [dataset] = positionals;
if (dataset === undefined) throw new Error('usage: bench/recall.ts DATASET [options]');
const folder = await mkdtemp(join(tmpdir(), 'fdnix-recall-'));
try {
  const most = Number(values.texts);
  const vectors = values.stored
    ? await storedVectors(dataset, most)
    : await vectorsOf(await distinctTexts(dataset, most), Number(values.dimensions));
  const step = Math.floor(vectors.length / Number(values.queries));
  const isQuery = (i: number) => i % step === step - 1;
  const queries = vectors.filter((_, i) => isQuery(i)).slice(0, Number(values.queries));
  const dimensions = vectors[0]?.length ?? 0;
  const spec: TableSpec = {
    name: 'vectors',
    columns: { id: { type: int32, doc: '' }, vector: { type: vectorType(dimensions), doc: '' } },
  };
  const rows = vectors.flatMap((vector, id) => (isQuery(id) ? [] : [{ id, vector }]));
  const connection = await connectDataset(folder, { create: true });
  await overwriteTable(connection, spec, batchesOf(spec, rows));
  const table = await openTable(connection, 'vectors');
  const truth = await search(table, queries, null);
  const source = values.stored ? 'the dataset’s' : (values.model ?? 'TF-IDF, random projection');
  stdout.write(
    `${rows.length} vectors of ${dimensions} dimensions (${source}), ${queries.length} queries held out\n\n`,
  );
  stdout.write(
    '| partitions | sub-vectors | nprobes | refine factor | recall@10 | time / brute force |\n|---|---|---|---|---|---|\n',
  );
  for (const numPartitions of numbers(values.partitions)) {
    for (const numSubVectors of numbers(values['sub-vectors'])) {
      const config = Index.ivfPq({ distanceType: 'cosine', numPartitions, numSubVectors, ...training });
      await table.createIndex('vector', { config, replace: true });
      for (const nprobes of numbers(values.nprobes)) {
        for (const refine of numbers(values.refine)) {
          const { found, milliseconds } = await search(table, queries, { nprobes, refine });
          const ratio = (milliseconds / truth.milliseconds).toFixed(2);
          const line = [
            numPartitions,
            numSubVectors,
            nprobes,
            refine === 0 ? 'none' : refine,
            recall(truth.found, found).toFixed(3),
            ratio,
          ];
          stdout.write(`| ${line.join(' | ')} |\n`);
        }
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
