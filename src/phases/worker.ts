import { transferables } from '../store/metadata/portion.ts';
import { batchServer } from '../store/metadata/dependency-batches.ts';
import { answerTasks } from '../thread.ts';
import { makePortion } from './portions.ts';
import type { WorkerTask } from './workers.ts';

// A thread of the metadata phase: it makes portions of lines, and then batches of dependencies.
const nextBatch = batchServer();

answerTasks(async (task: WorkerTask) => {
  if (task.kind === 'portion') {
    const answer = await makePortion(task);
    return { answer, transfer: transferables(answer) };
  }
  const answer = await nextBatch(task.order);
  return { answer, transfer: answer === null ? [] : [answer.buffer] };
});
