import { parentPort, workerData } from 'node:worker_threads';
import { transferables } from '../store/metadata/portion.ts';
import { makePortion, type PortionSettings, type PortionTask } from './portions.ts';

// The thread of a worker: a task comes in, its portion goes out, in the same order.
const settings = workerData as PortionSettings;
let previous: Promise<void> = Promise.resolve();

async function answer(task: PortionTask, turn: Promise<void>): Promise<void> {
  await turn;
  const portion = await makePortion(task, settings);
  parentPort?.postMessage(portion, transferables(portion));
}

parentPort?.on('message', (task: PortionTask) => {
  previous = answer(task, previous);
});
