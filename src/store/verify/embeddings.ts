import type { Connection, Table } from '@lancedb/lancedb';
import { openTableIfThere } from '../connection.ts';
import { readVectors, type VectorSet } from '../embeddings.ts';
import { scanBatches, scanRows } from '../scan.ts';
import { embeddingsTable } from '../tables/embeddings.ts';
import { runsTable, type RunRow } from '../tables/runs.ts';
import { unembeddedTable } from '../tables/unembedded.ts';
import { vectorColumn } from '../vector-column.ts';
import { firstFew, type Check } from './check.ts';

/**
 * Whether `has_embedding` tells the truth, no vector is zeros or not of its text, and each package without one has its reason. The
 * last two only in a main dataset, which has the tables for it.
 */
export async function checkEmbeddings(connection: Connection, packages: Table): Promise<Check> {
  const column = await vectorColumn(packages);
  if (column === null) return withoutColumn(packages);
  const isMain = (await openTableIfThere(connection, embeddingsTable.name)) !== null;
  const cache = isMain ? await readVectors(connection, column) : null;
  const { vectors, without, problems } = await checkVectors(packages, cache);
  const reasons = isMain ? await missingReasons(connection, without) : { problems: [], pending: false };
  const rest = reasons.pending
    ? `${without.size} packages wait for the embedding phase`
    : `${without.size} packages without`;
  return {
    name: 'embeddings',
    detail: `${vectors} vectors of ${column.model} (${column.dimensions} dimensions), ${rest}`,
    problems: firstFew([...problems, ...reasons.problems]),
  };
}

interface Found {
  vectors: number;
  without: Set<string>;
  problems: string[];
}

async function checkVectors(packages: Table, cache: VectorSet | null): Promise<Found> {
  const found: Found = { vectors: 0, without: new Set(), problems: [] };
  const columns = ['package_id', ...(cache === null ? [] : ['content_hash']), 'has_embedding', 'vector'];
  for await (const batch of scanBatches(packages, { columns })) {
    const [ids, hashes] = [batch.getChild('package_id'), batch.getChild('content_hash')];
    const [flags, values] = [batch.getChild('has_embedding'), batch.getChild('vector')];
    for (let row = 0; row < batch.numRows; row++) {
      const id = String(ids?.get(row));
      const vector = values?.get(row) as { toArray: () => ArrayLike<number> } | null | undefined;
      const flag = flags?.get(row) === true;
      if (Boolean(vector) !== flag) {
        found.problems.push(`${id}: has_embedding is ${flag}, and the vector is ${vector ? 'there' : 'null'}`);
      }
      if (!vector) {
        found.without.add(id);
        continue;
      }
      found.vectors += 1;
      const wrong = whatIsWrong(vector.toArray(), hashes ? String(hashes.get(row)) : null, cache);
      if (wrong !== null) found.problems.push(`${id}: its vector ${wrong}`);
    }
  }
  return found;
}

async function withoutColumn(packages: Table): Promise<Check> {
  const claimed = await packages.countRows('has_embedding');
  const problems = claimed > 0 ? [`has_embedding is true for ${claimed} packages, and there is no column vector`] : [];
  return { name: 'embeddings', detail: 'no vectors', problems };
}

function whatIsWrong(vector: ArrayLike<number>, hash: string | null, cache: VectorSet | null): string | null {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += (vector[i] ?? 0) ** 2;
  if (!Number.isFinite(square)) return 'has a value that is no finite number';
  if (square === 0) return 'is all zeros';
  const cached = hash === null ? undefined : cache?.get(hash);
  if (cached === null) return 'is not in embeddings';
  if (cached !== undefined && cached.some((value, i) => value !== vector[i]))
    return 'is not the one of its text in embeddings';
  return null;
}

/** Packages without a vector that table `unembedded` does not explain; none where the phase has not run since the packages changed. */
async function missingReasons(
  connection: Connection,
  without: ReadonlySet<string>,
): Promise<{ problems: string[]; pending: boolean }> {
  const runs = await openTableIfThere(connection, runsTable.name);
  const phases =
    runs === null ? [] : await Array.fromAsync(scanRows<RunRow>(runs, { columns: ['phase', 'finished_at'] }));
  const newest = phases
    .filter(({ phase }) => phase === 'metadata' || phase === 'embedding')
    .toSorted((a, b) => Number(b.finished_at) - Number(a.finished_at))[0];
  if (newest?.phase !== 'embedding') return { problems: [], pending: without.size > 0 };
  const table = await openTableIfThere(connection, unembeddedTable.name);
  const explained = new Set<string>();
  if (table !== null) {
    for await (const { package_id } of scanRows<{ package_id: string }>(table, { columns: ['package_id'] }))
      explained.add(package_id);
  }
  const problems = [...without.difference(explained)].map(
    (id) => `${id} has no vector, and unembedded has no reason for it`,
  );
  for (const id of explained.difference(without))
    problems.push(`unembedded has a reason for ${id}, which has a vector or is gone`);
  return { problems, pending: false };
}
