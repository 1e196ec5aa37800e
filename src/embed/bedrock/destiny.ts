import type { JobStatus } from './jobs.ts';
import type { Collected } from './output.ts';
import type { Shard } from './shard.ts';

/** How often a text is sent in a job. */
const maxAttempts = 3;

/** What becomes of a text that an ended job did not embed. */
export interface Destiny {
  /** Another job, a call on demand, a later run, or nothing since the text itself is refused. */
  where: 'again' | 'onDemand' | 'waits' | 'refused';
  reason: string;
}

/**
 * Decides about a text by why it is missing, how its job ended and how often it has been sent. What somebody stops waits for the next
 * run, which finds it `stoppedBefore` it began and sends it again.
 */
export function destinyOf(
  { reason, final }: Pick<Collected['missing'][number], 'reason' | 'final'>,
  shard: Pick<Shard, 'attempt'>,
  status: JobStatus | null,
  stoppedBefore: boolean,
): Destiny {
  if (status?.status === 'Stopped' && !stoppedBefore) return { where: 'waits', reason: 'its batch job was stopped' };
  if (final) return { where: 'refused', reason };
  const why = status?.status === 'Completed' ? reason : `its batch job is ${statusText(status)}`;
  const where = isTooSmall(status) || shard.attempt >= maxAttempts ? 'onDemand' : 'again';
  return { where, reason: why };
}

/** Whether a job failed because the service's minimum of records is higher than was thought. */
export function isTooSmall(status: JobStatus | null): boolean {
  return status?.status === 'Failed' && /less records|minimum/.test(status.message);
}

/** A job's status and message, for people. */
export function statusText(status: JobStatus | null): string {
  if (status === null) return 'unknown to the service';
  return status.message === '' ? status.status : `${status.status}: ${status.message}`;
}
