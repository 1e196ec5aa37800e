import { hash } from 'node:crypto';
import type { ClusterInput } from '../../cluster/model.ts';
import type { DeclaredPackage, ErrorRow, NormalizedPackage } from '../../model.ts';
import type { StageContext } from '../../report/event.ts';
import { SystemFacts } from './facts.ts';
import type { Spool } from './spool.ts';

/** A batch of one system's packages and errors, as normalize makes them. */
export interface IncomingBatch {
  packages: NormalizedPackage[];
  errors: Omit<ErrorRow, 'system'>[];
  invalid: number;
}

/** One system's evaluation; `system` is null where only its packages can tell, `fallback` where not even they do. */
export interface IncomingSystem {
  system: string | null;
  fallback: string;
  batches: AsyncIterable<IncomingBatch>;
}

/** What is known of a row of `packages` before the columns that need all packages are there. */
export interface CollectedRow extends ClusterInput {
  /** Hash of the declared columns, which the spool holds. */
  declaredHash: string;
  contentHash: string;
  quality: number;
}

/** What was taken in; the declared columns themselves are in the spool, in the order of `rows`. */
export interface Collected {
  rows: CollectedRow[];
  systems: SystemFacts[];
  errors: ErrorRow[];
}

/**
 * Takes in all systems, one after the other: declared columns go to the spool, what has to be known of all packages at
 * once stays in memory. The columns of an attribute path are those of the first system that has it.
 */
export async function collect(
  incoming: Iterable<IncomingSystem>,
  spool: Spool,
  quality: (row: DeclaredPackage) => number,
  { signal, report }: StageContext,
): Promise<Collected> {
  const collected: Collected = { rows: [], systems: [], errors: [] };
  const rowOf = new Map<string, number>();
  const take = async (facts: SystemFacts, entry: NormalizedPackage) => {
    const { declared } = entry;
    let row = rowOf.get(declared.package_id);
    if (row === undefined) {
      row = rowOf.size;
      rowOf.set(declared.package_id, row);
      collected.rows.push(collectedRow(declared, quality(declared)));
      await spool.add(declared);
    }
    facts.add(row, entry);
  };
  for (const { system, fallback, batches } of incoming) {
    const facts = new SystemFacts();
    const votes = new Map<string, number>();
    const errors: IncomingBatch['errors'] = [];
    for await (const batch of batches) {
      signal.throwIfAborted();
      for (const entry of batch.packages) {
        await take(facts, entry);
        if (entry.system !== null) votes.set(entry.system, (votes.get(entry.system) ?? 0) + 1);
      }
      for (const error of batch.errors) errors.push(error);
      facts.invalid += batch.invalid;
      report({ type: 'progress', task: 'reading packages', done: facts.packages + errors.length, unit: 'attributes' });
    }
    facts.system = system ?? mostVoted(votes) ?? fallback;
    facts.errors = errors.length;
    for (const error of errors) collected.errors.push({ ...error, system: facts.system });
    collected.systems.push(facts);
  }
  await spool.finish();
  return collected;
}

function collectedRow(declared: DeclaredPackage, quality: number): CollectedRow {
  return {
    package_id: declared.package_id,
    package_name: declared.package_name,
    version: declared.version,
    position: declared.position,
    homepage: declared.homepage,
    description: declared.description,
    drv_paths: [],
    declaredHash: hash('sha256', JSON.stringify(declared)),
    contentHash: declared.content_hash,
    quality,
  };
}

/** A few packages are built for another system than the evaluated one, so the most frequent is it. */
function mostVoted(votes: Map<string, number>): string | undefined {
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}
