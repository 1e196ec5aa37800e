import { workerData } from 'node:worker_threads';
import { transferables } from '../store/metadata/portion.ts';
import { answerTasks } from '../thread.ts';
import { makePortion, type PortionSettings, type PortionTask } from './portions.ts';

// A normalizing thread: a task comes in, its portion goes out.
answerTasks(async (task: PortionTask) => {
  const answer = await makePortion(task, workerData as PortionSettings);
  return { answer, transfer: transferables(answer) };
});
