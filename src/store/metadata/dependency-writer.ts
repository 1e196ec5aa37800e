import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectDataset } from '../connection.ts';
import { writeDependencies } from './dependencies.ts';
import { writeDependencyJson, type DependencyJsonHead } from './dependency-json.ts';
import type { SystemInputs } from './system-inputs.ts';

/** Where the dependency JSON goes, and what it says besides the inputs of the first system. */
export interface JsonOrder {
  path: string;
  head: DependencyJsonHead;
  lastUpdated: Float64Array;
}

/** What is to be written: the table `dependencies` of a dataset, and the JSON where it is wanted. */
export interface DependencyOrder {
  directory: string;
  systems: SystemInputs[];
  json: JsonOrder | null;
}

/** What a thread answers: rows of the table that changed, or why it could not write. */
export type DependencyAnswer = { changed: number } | { message: string; code: string | undefined };

// Below so many inputs a thread takes longer to begin than the writing takes.
const worthThread = 50_000;

/**
 * Writes the table and the JSON. Of a whole nixpkgs that is a second or two of work that nothing else waits for, so it has a
 * thread of its own.
 * @returns how many rows of the table changed
 */
export async function writeAllDependencies(order: DependencyOrder): Promise<number> {
  const inputs = order.systems.reduce((sum, system) => sum + system.inputs.length, 0);
  return inputs < worthThread ? writeHere(order) : writeInThread(order);
}

/** Writes them on this thread. */
export async function writeHere({ directory, systems, json }: DependencyOrder): Promise<number> {
  const changed = await writeDependencies(await connectDataset(directory), systems);
  const [first] = systems;
  if (json !== null && first !== undefined) await writeDependencyJson(json.path, json.head, first, json.lastUpdated);
  return changed;
}

async function writeInThread(order: DependencyOrder): Promise<number> {
  const file = new URL(`./dependency-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: order });
  const answer = Promise.withResolvers<DependencyAnswer>();
  worker.once('message', answer.resolve).once('error', answer.reject);
  worker.once('exit', () =>
    answer.reject(new Error('the thread that writes dependencies ended before its work was done')),
  );
  const result = await answer.promise;
  if ('changed' in result) return result.changed;
  throw Object.assign(new Error(result.message), result.code === undefined ? {} : { code: result.code });
}
