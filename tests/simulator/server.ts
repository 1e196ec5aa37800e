import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { runJob, terminalStatuses, type Job } from './job.ts';
import { createLedger, type Bill } from './ledger.ts';
import {
  account,
  defaultOptions,
  seededRandom,
  type CallFault,
  type JobFault,
  type Operation,
  type SimulatorOptions,
} from './options.ts';
import { shapes, violations } from './shapes.ts';
import { modelRefusal, parseTitanRequest, titan } from './titan.ts';

/** A running simulator of Bedrock's batch interface and of its runtime. */
export interface Simulator {
  endpoint: string;
  /** May be changed while it runs. */
  options: SimulatorOptions;
  /** What the next jobs suffer, before chance is asked. */
  nextJobs: (JobFault | 'none')[];
  jobs: () => Job[];
  /** What jobs were asked for with, as it came. */
  requests: () => unknown[];
  bill: () => Bill;
  close: () => Promise<void>;
}

/** An answer of the service that is an error. */
class ServiceError extends Error {
  readonly status: number;
  readonly type: string;
  constructor(type: keyof typeof errorStatuses, message: string) {
    super(message);
    this.type = type;
    this.status = errorStatuses[type];
  }
}

const errorStatuses = {
  ResourceNotFoundException: 404,
  AccessDeniedException: 403,
  ValidationException: 400,
  ConflictException: 400,
  InternalServerException: 500,
  ServiceQuotaExceededException: 400,
  ThrottlingException: 429,
  ModelTimeoutException: 408,
  UnknownOperationException: 404,
} as const;

interface Call {
  operation: Operation;
  /** The path's parameter. */
  target: string;
  query: URLSearchParams;
  body: unknown;
}

/** Starts the simulator on a port of 127.0.0.1. */
export async function startSimulator(
  overrides: Partial<SimulatorOptions> & Pick<SimulatorOptions, 's3Endpoint'>,
): Promise<Simulator> {
  const options: SimulatorOptions = { ...defaultOptions, ...overrides };
  const random = seededRandom(options.seed);
  const ledger = createLedger();
  const jobs = new Map<string, Job>();
  const nextJobs: (JobFault | 'none')[] = [];
  const requests: unknown[] = [];
  const closing = new AbortController();
  const runs = new Set<Promise<void>>();
  const s3 = new S3Client({
    endpoint: options.s3Endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing-secret' },
  });
  const tools = { s3, options, ledger, random, signal: closing.signal };
  let budget = { at: Date.now(), left: options.requestsPerMinute };

  const active = () => [...jobs.values()].filter((job) => !terminalStatuses.includes(job.status)).length;

  function create(body: unknown): unknown {
    check('CreateModelInvocationJobRequest', body);
    const request = body as Omit<Job, 'jobArn'>;
    const refusal = modelRefusal(request.modelId, 'batch');
    if (refusal !== null) throw new ServiceError('ValidationException', refusal);
    const clientRequestToken = request.clientRequestToken ?? randomBytes(16).toString('hex');
    const known = [...jobs.values()].find((job) => job.clientRequestToken === clientRequestToken);
    if (options.rememberTokens && known) {
      if (known.jobName !== request.jobName)
        throw new ServiceError('ConflictException', 'The client request token was used for another request');
      return { jobArn: known.jobArn };
    }
    if (active() >= options.maxJobs) {
      throw new ServiceError(
        'ServiceQuotaExceededException',
        `You have reached the quota of ${options.maxJobs} jobs in progress and submitted.`,
      );
    }
    const job = newJob(request, clientRequestToken);
    jobs.set(job.jobArn, job);
    requests.push(body);
    ledger.jobs(active());
    const forced = nextJobs.shift();
    const unlucky = forced === undefined && random() < options.jobFaultRate;
    const fault = forced === 'none' ? undefined : unlucky ? pick(options.jobFaults, random) : forced;
    if (fault) ledger.fault('job', fault);
    const run = runJob(job, fault, tools).finally(() => runs.delete(run));
    runs.add(run);
    return { jobArn: job.jobArn };
  }

  function find(target: string): Job {
    check('GetModelInvocationJobRequest', { jobIdentifier: target });
    const job = [...jobs.values()].find(({ jobArn }) => jobArn === target || jobArn.endsWith(`/${target}`));
    if (!job) throw new ServiceError('ResourceNotFoundException', `Could not find model invocation job ${target}`);
    return job;
  }

  function list(query: URLSearchParams): unknown {
    const asked = Object.fromEntries(
      [...query].map(([name, value]) => [name, name === 'maxResults' ? Number(value) : value]),
    );
    check('ListModelInvocationJobsRequest', asked);
    const { maxResults = 100, nextToken = '0', sortOrder = 'Descending' } = asked as ListRequest;
    const seen = [...jobs.values()].filter((job) => isAskedFor(job, asked as ListRequest, options.listLag));
    if (sortOrder === 'Descending') seen.reverse();
    const from = Number(nextToken);
    const page = seen.slice(from, from + maxResults);
    return {
      invocationJobSummaries: page,
      ...(from + page.length < seen.length && { nextToken: String(from + page.length) }),
    };
  }

  function stop(target: string): unknown {
    const job = find(target);
    if (terminalStatuses.includes(job.status))
      throw new ServiceError('ConflictException', `The job is ${job.status} and can't be stopped`);
    job.status = 'Stopping';
    return {};
  }

  async function invoke(modelId: string, body: unknown): Promise<unknown> {
    const now = Date.now();
    budget = {
      at: now,
      left: Math.min(options.requestsPerMinute, budget.left + ((now - budget.at) * options.requestsPerMinute) / 60_000),
    };
    if (budget.left < 1)
      throw new ServiceError('ThrottlingException', 'Too many requests, please wait before trying again.');
    budget.left -= 1;
    const refusal = modelRefusal(modelId, 'call');
    if (refusal !== null) throw new ServiceError('ValidationException', refusal);
    const request = parseTitanRequest(body);
    if (typeof request === 'string') throw new ServiceError('ValidationException', request);
    await sleep(options.invokeDelay, undefined, { signal: closing.signal });
    const answer = titan(request);
    ledger.paid('onDemand', request.inputText, answer.inputTextTokenCount);
    return answer;
  }

  async function perform({ operation, target, query, body }: Call): Promise<unknown> {
    if (options.deny.includes(operation)) {
      throw new ServiceError('AccessDeniedException', `User is not authorized to perform: bedrock:${operation}`);
    }
    switch (operation) {
      case 'create':
        return answered('CreateModelInvocationJobResponse', create(body));
      case 'get':
        return answered('GetModelInvocationJobResponse', find(target));
      case 'list':
        return answered('ListModelInvocationJobsResponse', list(query));
      case 'stop':
        return stop(target);
      case 'invoke':
        return invoke(target, body);
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const text = await readAll(request);
    if (url.pathname === '/_simulator/bill') return reply(response, 200, ledger.bill());
    if (url.pathname === '/_simulator/shapes') return reply(response, 200, shapes);
    const call = route(request, url, text);
    ledger.call(call.operation);
    const fault = random() < options.faultRate ? faultOf(call, options, random) : undefined;
    if (fault) ledger.fault(call.operation, fault);
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'throttle') throw new ServiceError('ThrottlingException', 'Rate exceeded');
    if (fault === 'serverError')
      throw new ServiceError('InternalServerException', 'An internal server error occurred. Retry your request.');
    const answer = await perform(call);
    if (fault === 'lostReply') return void request.socket.destroy();
    if (fault === 'modelTimeout')
      throw new ServiceError('ModelTimeoutException', 'The request took too long to process.');
    reply(response, 200, answer);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!(error instanceof ServiceError))
        return reply(response, 500, { message: String(error) }, 'InternalServerException');
      return reply(response, error.status, { message: error.message }, error.type);
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    options,
    nextJobs,
    jobs: () => [...jobs.values()],
    requests: () => [...requests],
    bill: () => ledger.bill(),
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.allSettled(runs);
      s3.destroy();
    },
  };
}

interface ListRequest {
  nameContains?: string;
  statusEquals?: string;
  submitTimeAfter?: string;
  submitTimeBefore?: string;
  sortOrder?: 'Ascending' | 'Descending';
  maxResults?: number;
  nextToken?: string;
}

function isAskedFor(job: Job, asked: ListRequest, lag: number): boolean {
  const submitted = Date.parse(job.submitTime);
  return (
    Date.now() - submitted >= lag &&
    job.jobName.includes(asked.nameContains ?? '') &&
    (asked.statusEquals === undefined || job.status === asked.statusEquals) &&
    (asked.submitTimeAfter === undefined || submitted > Date.parse(asked.submitTimeAfter)) &&
    (asked.submitTimeBefore === undefined || submitted < Date.parse(asked.submitTimeBefore))
  );
}

function newJob(request: Omit<Job, 'jobArn'>, clientRequestToken: string): Job {
  const now = new Date().toISOString();
  const hours = request.timeoutDurationInHours ?? 24;
  return {
    jobArn: `arn:aws:bedrock:us-east-1:${account}:model-invocation-job/${randomId()}`,
    jobName: request.jobName,
    modelId: request.modelId,
    clientRequestToken,
    roleArn: request.roleArn,
    status: 'Submitted',
    submitTime: now,
    lastModifiedTime: now,
    jobExpirationTime: new Date(Date.now() + hours * 3_600_000).toISOString(),
    inputDataConfig: request.inputDataConfig,
    outputDataConfig: request.outputDataConfig,
    ...(request.vpcConfig && { vpcConfig: request.vpcConfig }),
    timeoutDurationInHours: hours,
    totalRecordCount: 0,
    processedRecordCount: 0,
    successRecordCount: 0,
    errorRecordCount: 0,
  };
}

/** The call that a request makes; it must be signed for the service `bedrock`. */
function route(request: IncomingMessage, url: URL, text: string): Call {
  if (!/^AWS4-HMAC-SHA256 Credential=[^,]*\/bedrock\/aws4_request,/.test(request.headers.authorization ?? '')) {
    throw new ServiceError(
      'AccessDeniedException',
      'Missing Authentication Token, or one that is not for the service bedrock',
    );
  }
  const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const method = request.method ?? '';
  const found = (operation: Operation, target: string): Call => ({
    operation,
    target,
    query: url.searchParams,
    body: parse(text),
  });
  const [head = '', target = '', tail = ''] = path;
  if (method === 'POST' && url.pathname === '/model-invocation-job') return found('create', '');
  if (method === 'GET' && url.pathname === '/model-invocation-jobs') return found('list', '');
  if (method === 'GET' && head === 'model-invocation-job' && path.length === 2) return found('get', target);
  if (method === 'POST' && head === 'model-invocation-job' && tail === 'stop' && path.length === 3) {
    if (text !== '' && text !== '{}')
      throw new ServiceError('ValidationException', 'StopModelInvocationJob has no body');
    return found('stop', target);
  }
  if (method === 'POST' && head === 'model' && tail === 'invoke' && path.length === 3) return found('invoke', target);
  throw new ServiceError('UnknownOperationException', `No operation ${method} ${url.pathname}`);
}

function parse(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ServiceError('ValidationException', 'The request is not JSON');
  }
}

function check(shape: keyof typeof shapes, value: unknown): void {
  const found = violations(shapes[shape], value);
  if (found.length > 0) {
    throw new ServiceError('ValidationException', `${found.length} validation error detected: ${found.join('; ')}`);
  }
}

/** The simulator's own answers keep to the shapes, too. */
function answered(shape: keyof typeof shapes, value: unknown): unknown {
  const found = violations(shapes[shape], value);
  if (found.length > 0) throw new Error(`The simulator's answer is not a ${shape}: ${found.join('; ')}`);
  return value;
}

function reply(response: ServerResponse, status: number, body: unknown, errorType?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomBytes(16).toString('hex'),
    ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
  });
  response.end(JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function randomId(): string {
  return [...randomBytes(12)].map((byte) => (byte % 36).toString(36)).join('');
}

function faultOf({ operation }: Call, { faults }: SimulatorOptions, random: () => number): CallFault | undefined {
  const possible = faults.filter((fault) => fault !== 'modelTimeout' || operation === 'invoke');
  return possible.length === 0 ? undefined : pick(possible, random);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
