import {
  CreateModelInvocationJobCommand,
  GetModelInvocationJobCommand,
  ListModelInvocationJobsCommand,
  StopModelInvocationJobCommand,
  type BedrockClient,
  type GetModelInvocationJobCommandOutput,
} from '@aws-sdk/client-bedrock';
import { KnownError, messageOf } from '../../errors.ts';
import { failureKind } from './failure.ts';
import type { BedrockSettings } from './settings.ts';
import type { Shard } from './shard.ts';

/** What came of an attempt to create a job. */
export type Creation =
  | { kind: 'created'; jobArn: string }
  /** Not now: too many jobs or calls. */
  | { kind: 'later'; reason: string }
  /** It may have been created: look it up before trying again. */
  | { kind: 'unknown'; reason: string };

/** What GetModelInvocationJob says, as far as it is used. */
export interface JobStatus {
  status: string;
  message: string;
  processed: number;
  total: number;
}

const terminal = new Set(['Completed', 'PartiallyCompleted', 'Failed', 'Stopped', 'Expired']);

export function isTerminal({ status }: JobStatus): boolean {
  return terminal.has(status);
}

/** Where a shard's job writes its output. */
export function outputPrefix(settings: BedrockSettings, shard: Pick<Shard, 'run'>): string {
  return `${settings.outputPrefix}/${settings.dataset}/${shard.run}/`;
}

/**
 * Creates a shard's job, with one call: whether a second one would create a second job depends on a memory of tokens that nobody
 * promises.
 * @param creator a client without retries
 * @throws KnownError where the service will never take it as it is
 */
export async function createJob(
  creator: BedrockClient,
  settings: BedrockSettings,
  shard: Shard,
  inputKey: string,
  signal: AbortSignal,
): Promise<Creation> {
  try {
    const { jobArn } = await creator.send(new CreateModelInvocationJobCommand(request(settings, shard, inputKey)), {
      abortSignal: signal,
    });
    return jobArn === undefined ? { kind: 'unknown', reason: 'no ARN in the answer' } : { kind: 'created', jobArn };
  } catch (error) {
    signal.throwIfAborted();
    const reason = `${error instanceof Error ? error.name : ''}: ${messageOf(error)}`;
    switch (failureKind(error)) {
      case 'throttled':
      case 'quota':
        return { kind: 'later', reason };
      case 'unknown':
      case 'conflict':
        return { kind: 'unknown', reason };
      default:
        throw new KnownError(
          `Bedrock does not take batch job ${shard.id} (${reason}). Check embedding.bedrock (roleArn, modelId, buckets) and the ` +
            'permissions bedrock:CreateModelInvocationJob and iam:PassRole on the role',
          { cause: error },
        );
    }
  }
}

function request(settings: BedrockSettings, shard: Shard, inputKey: string) {
  const { batch, bucketOwner, kmsKeyId, tags, vpc, timeoutHours } = settings;
  if (!batch) throw new KnownError('batch jobs need embedding.bedrock.roleArn, inputBucket and outputBucket');
  const owner = bucketOwner !== null && { s3BucketOwner: bucketOwner };
  const hasVpc = vpc.subnetIds.length > 0 && vpc.securityGroupIds.length > 0;
  return {
    jobName: shard.id,
    clientRequestToken: shard.token,
    roleArn: batch.roleArn,
    modelId: shard.key.model,
    timeoutDurationInHours: timeoutHours,
    inputDataConfig: {
      s3InputDataConfig: { s3Uri: `s3://${batch.inputBucket}/${inputKey}`, s3InputFormat: 'JSONL' as const, ...owner },
    },
    outputDataConfig: {
      s3OutputDataConfig: {
        s3Uri: `s3://${batch.outputBucket}/${outputPrefix(settings, shard)}`,
        ...(kmsKeyId !== null && { s3EncryptionKeyId: kmsKeyId }),
        ...owner,
      },
    },
    ...(Object.keys(tags).length > 0 && { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }),
    ...(hasVpc && { vpcConfig: { subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds } }),
  };
}

/** The ARN of the job with exactly this name; null where there is none, undefined where listing is not allowed. */
export async function findJob(
  bedrock: BedrockClient,
  name: string,
  signal: AbortSignal,
): Promise<string | null | undefined> {
  let nextToken: string | undefined;
  try {
    do {
      const page = await bedrock.send(
        new ListModelInvocationJobsCommand({
          nameContains: name,
          maxResults: 100,
          ...(nextToken !== undefined && { nextToken }),
        }),
        { abortSignal: signal },
      );
      const found = page.invocationJobSummaries?.find(({ jobName }) => jobName === name);
      if (found?.jobArn !== undefined) return found.jobArn;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return null;
  } catch (error) {
    if (failureKind(error) === 'denied') return undefined;
    throw error;
  }
}

/** A job's status; null where the service does not know it (any more). */
export async function getJob(bedrock: BedrockClient, jobArn: string, signal: AbortSignal): Promise<JobStatus | null> {
  try {
    const job: GetModelInvocationJobCommandOutput = await bedrock.send(
      new GetModelInvocationJobCommand({ jobIdentifier: jobArn }),
      { abortSignal: signal },
    );
    return {
      status: job.status ?? 'Submitted',
      message: job.message ?? '',
      processed: job.processedRecordCount ?? 0,
      total: job.totalRecordCount ?? 0,
    };
  } catch (error) {
    if (failureKind(error) === 'missing') return null;
    throw error;
  }
}

/** Asks for a job to be stopped; tells where it had ended already. */
export async function stopJob(
  bedrock: BedrockClient,
  jobArn: string,
  signal: AbortSignal,
): Promise<'stopping' | 'ended'> {
  try {
    await bedrock.send(new StopModelInvocationJobCommand({ jobIdentifier: jobArn }), { abortSignal: signal });
    return 'stopping';
  } catch (error) {
    const kind = failureKind(error);
    if (kind === 'conflict' || kind === 'missing') return 'ended';
    throw error;
  }
}
