import { KnownError, messageOf } from '../../errors.ts';
import type { StageContext } from '../../report/event.ts';
import { createClients } from './clients.ts';
import { failureKind } from './failure.ts';
import { findJob, stopJob } from './jobs.ts';
import { openJournal } from './provider.ts';
import type { BedrockSettings } from './settings.ts';

/** A job that was in the journal, and what came of stopping it. */
export interface StoppedJob {
  name: string;
  jobArn: string | null;
  outcome: 'stopping' | 'ended' | 'never created';
}

/**
 * Asks Bedrock to stop the jobs that the journal knows. The journal stays: the next run collects what they had embedded.
 * @throws KnownError where stopping is not allowed
 */
export async function stopJobs(settings: BedrockSettings, { signal }: StageContext): Promise<StoppedJob[]> {
  const clients = createClients(settings);
  try {
    const shards = (await openJournal(settings, clients)?.load(signal)) ?? [];
    const stopped: StoppedJob[] = [];
    for (const shard of shards.filter(({ state }) => state === 'creating' || state === 'submitted')) {
      const jobArn = shard.jobArn ?? (await findJob(clients.bedrock, shard.id, signal)) ?? null;
      const outcome = jobArn === null ? 'never created' : await stopJob(clients.bedrock, jobArn, signal);
      stopped.push({ name: shard.id, jobArn, outcome });
    }
    return stopped;
  } catch (error) {
    signal.throwIfAborted();
    const advice = failureKind(error) === 'denied' ? '. Allow bedrock:StopModelInvocationJob, or let them end' : '';
    throw new KnownError(`the jobs cannot be stopped: ${messageOf(error)}${advice}`, { cause: error });
  } finally {
    clients.destroy();
  }
}
