import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Ledger } from './ledger.ts';
import { account, type JobFault, type SimulatorOptions } from './options.ts';
import type { JobStatus } from './shapes.ts';
import { parseTitanRequest, titan } from './titan.ts';

/** A batch job, as GetModelInvocationJob tells it. */
export interface Job {
  jobArn: string;
  jobName: string;
  modelId: string;
  clientRequestToken: string;
  roleArn: string;
  status: JobStatus;
  message?: string;
  submitTime: string;
  lastModifiedTime: string;
  endTime?: string;
  jobExpirationTime: string;
  inputDataConfig: { s3InputDataConfig: { s3Uri: string; s3InputFormat?: string; s3BucketOwner?: string } };
  outputDataConfig: { s3OutputDataConfig: { s3Uri: string; s3EncryptionKeyId?: string; s3BucketOwner?: string } };
  vpcConfig?: { subnetIds: string[]; securityGroupIds: string[] };
  timeoutDurationInHours: number;
  totalRecordCount: number;
  processedRecordCount: number;
  successRecordCount: number;
  errorRecordCount: number;
}

export interface JobTools {
  s3: S3Client;
  options: SimulatorOptions;
  ledger: Ledger;
  random: () => number;
  /** Aborted when the simulator closes. */
  signal: AbortSignal;
}

interface InputRecord {
  recordId: string;
  modelInput: unknown;
}

export const terminalStatuses: readonly JobStatus[] = [
  'Completed',
  'PartiallyCompleted',
  'Failed',
  'Stopped',
  'Expired',
];

/** Takes a job through its statuses; it never throws, since what goes wrong is the job's own failure. */
export async function runJob(job: Job, fault: JobFault | undefined, tools: JobTools): Promise<void> {
  try {
    await inStatus(job, 'Submitted', tools);
    await inStatus(job, 'Validating', tools);
    const records = await readInput(job, tools);
    if (typeof records === 'string') return end(job, 'Failed', records);
    job.totalRecordCount = records.length;
    await inStatus(job, 'Scheduled', tools);
    if (fault === 'expired') return end(job, 'Expired', 'The job was not started before it expired.');
    await inStatus(job, 'InProgress', tools, fault === 'slow' ? 30 : 1);
    if (fault === 'failed') return end(job, 'Failed', 'Internal failure, please try again.');
    await process(job, records, fault, tools);
    if (job.status === 'Stopping' || fault === 'stopped') return end(job, 'Stopped');
    return fault === 'partial' ? end(job, 'PartiallyCompleted', 'Job timed out.') : end(job, 'Completed');
  } catch (error) {
    if (isStopped(error)) return end(job, 'Stopped');
    return end(job, 'Failed', `The simulator could not go on: ${String(error)}`.slice(0, 2048));
  }
}

function end(job: Job, status: JobStatus, message?: string): void {
  job.endTime = new Date().toISOString();
  if (message !== undefined) job.message = message;
  setStatus(job, status);
}

function setStatus(job: Job, status: JobStatus): void {
  job.status = status;
  job.lastModifiedTime = new Date().toISOString();
}

const stopped = new Error('stopped');

function isStopped(error: unknown): boolean {
  return error === stopped;
}

async function inStatus(
  job: Job,
  status: 'Submitted' | 'Validating' | 'Scheduled' | 'InProgress',
  tools: JobTools,
  times = 1,
): Promise<void> {
  if (job.status === 'Stopping') throw stopped;
  setStatus(job, status);
  const delay = tools.options.delays[status] ?? 0;
  await sleep(delay * times * (0.5 + tools.random()), undefined, { signal: tools.signal });
}

/** The records of the input file, or why it is not valid. */
async function readInput(job: Job, { s3, options, signal }: JobTools): Promise<InputRecord[] | string> {
  const { bucket, key } = parseUri(job.inputDataConfig.s3InputDataConfig.s3Uri);
  const { s3InputDataConfig: input } = job.inputDataConfig;
  const { s3OutputDataConfig: output } = job.outputDataConfig;
  for (const { s3BucketOwner: owner = account, s3Uri } of [input, output]) {
    if (owner !== account) return `Access denied: the bucket of ${s3Uri} is not owned by ${owner}.`;
  }
  if (!key.endsWith('.jsonl')) return `The input ${key} is not a .jsonl file.`;
  const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  if ((answer.ContentLength ?? 0) > options.maxFileBytes)
    return `The input file is larger than ${options.maxFileBytes} bytes.`;
  const lines = ((await answer.Body?.transformToString()) ?? '').split('\n').filter((line) => line !== '');
  if (lines.length < options.minRecords) {
    return `Your input file contains less records (${lines.length}) than the required minimum of: ${options.minRecords}`;
  }
  if (lines.length > options.maxRecords) {
    return `Your input file contains more records (${lines.length}) than the allowed maximum of: ${options.maxRecords}`;
  }
  const records: InputRecord[] = [];
  for (const [i, line] of lines.entries()) {
    const record = parseRecord(line);
    if (!record) return `Line ${i + 1} of the input is not a record with recordId and modelInput.`;
    records.push(record);
  }
  return records;
}

function parseRecord(line: string): InputRecord | undefined {
  try {
    const record = JSON.parse(line) as Partial<InputRecord>;
    return typeof record.recordId === 'string' &&
      /^[a-zA-Z0-9]{11}$/.test(record.recordId) &&
      typeof record.modelInput === 'object'
      ? { recordId: record.recordId, modelInput: record.modelInput }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Embeds the records, in an order of its own, and writes the output and the manifest. */
async function process(job: Job, records: InputRecord[], fault: JobFault | undefined, tools: JobTools): Promise<void> {
  const { random, ledger } = tools;
  const half = fault === 'partial' || fault === 'stopped' || job.status === 'Stopping';
  const shuffled = shuffle(records, random).slice(0, half ? Math.floor(records.length / 2) : undefined);
  const lines: string[] = [];
  let tokens = 0;
  for (const [i, record] of shuffled.entries()) {
    if (fault === 'missing' && i % 10 === 9) continue;
    job.processedRecordCount += 1;
    const request = parseTitanRequest(record.modelInput);
    if (typeof request === 'string' || fault === 'allErrors' || random() < tools.options.recordErrorRate) {
      const error =
        typeof request === 'string'
          ? { errorCode: 400, errorMessage: request }
          : { errorCode: 500, errorMessage: 'Internal server error' };
      lines.push(JSON.stringify({ ...record, error }));
      job.errorRecordCount += 1;
      continue;
    }
    const modelOutput = titan(request);
    if (fault === 'badVectors' && i % 10 === 9) spoil(modelOutput.embedding, i);
    ledger.paid('batch', request.inputText, modelOutput.inputTextTokenCount);
    if (fault === 'badVectors' && i % 10 === 9) ledger.lost(request.inputText);
    tokens += modelOutput.inputTextTokenCount;
    job.successRecordCount += 1;
    const line = JSON.stringify({ ...record, modelOutput });
    lines.push(line);
    if (fault === 'duplicated' && i % 10 === 9) lines.push(line);
    // Long work lets others in.
    if (i % 500 === 499) await sleep(0);
  }
  await writeOutput(job, fault === 'truncated' ? truncate(lines, ledger) : `${lines.join('\n')}\n`, tokens, tools);
}

function spoil(embedding: number[], i: number): void {
  if (i % 30 === 9) embedding.pop();
  else if (i % 30 === 19) embedding.fill(0);
  else embedding[0] = 1e40;
}

/** Two thirds of the output, the last line cut; what is lost so is on nobody's bill. */
function truncate(lines: string[], ledger: Ledger): string {
  const kept = Math.floor((lines.length * 2) / 3);
  for (const line of lines.slice(kept)) {
    const { modelInput } = JSON.parse(line) as { modelInput: { inputText: string } };
    ledger.lost(modelInput.inputText);
  }
  return [...lines.slice(0, kept), (lines[kept] ?? '').slice(0, 100)].join('\n');
}

async function writeOutput(job: Job, output: string, tokens: number, { s3, signal }: JobTools): Promise<void> {
  const { bucket, key } = parseUri(job.outputDataConfig.s3OutputDataConfig.s3Uri);
  const folder = `${key === '' || key.endsWith('/') ? key : `${key}/`}${job.jobArn.slice(-12)}/`;
  const file = job.inputDataConfig.s3InputDataConfig.s3Uri.split('/').at(-1) ?? '';
  const put = (name: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${folder}${name}`, Body }), { abortSignal: signal });
  await put(`${file}.out`, output);
  const { totalRecordCount, processedRecordCount, successRecordCount, errorRecordCount } = job;
  const manifest = {
    totalRecordCount,
    processedRecordCount,
    successRecordCount,
    errorRecordCount,
    inputTokenCount: tokens,
    outputTokenCount: 0,
  };
  await put('manifest.json.out', JSON.stringify(manifest));
}

function parseUri(uri: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  return { bucket, key };
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
