import { workerData } from 'node:worker_threads';
import { answerTasks } from '../../thread.ts';
import { arrow } from '../arrow.ts';
import { dependencyBatches, type DependencyOrder } from './dependency-batches.ts';

// The thread that makes the rows of `dependencies`: each task is answered with the next batch as an Arrow IPC stream, or with null.
const batches = dependencyBatches(workerData as DependencyOrder);

answerTasks(async () => {
  const { value: batch } = await batches.next();
  if (batch === undefined) return { answer: null, transfer: [] };
  const table = new arrow.Table(batch.schema, [batch]);
  const answer = arrow.RecordBatchStreamWriter.writeAll(table).toUint8Array(true) as Uint8Array<ArrayBuffer>;
  return { answer, transfer: [answer.buffer] };
});
