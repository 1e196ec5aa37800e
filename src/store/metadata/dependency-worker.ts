import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, messageOf } from '../../errors.ts';
import { writeHere, type DependencyAnswer, type DependencyOrder } from './dependency-writer.ts';

// The thread of `writeAllDependencies`: one order, one answer.
async function answer(): Promise<DependencyAnswer> {
  try {
    return { changed: await writeHere(workerData as DependencyOrder) };
  } catch (error) {
    return { message: messageOf(error), code: codeOf(error) };
  }
}

parentPort?.postMessage(await answer());
