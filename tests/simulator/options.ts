import type { JobStatus } from './shapes.ts';

/** The account that jobs and buckets belong to. */
export const account = '123456789012';

/**
 * How a call goes wrong: before anything is done, or, `lostReply`, after it is done and before the answer. `modelTimeout` is the model's
 * own, after it has worked; to calls that ask no model it does not happen.
 */
export const callFaults = ['throttle', 'serverError', 'reset', 'lostReply', 'modelTimeout'] as const;
export type CallFault = (typeof callFaults)[number];

/** How a job goes wrong. */
export const jobFaults = [
  /** Takes thirty times as long, and ends well. */
  'slow',
  /** Fails before it processes anything. */
  'failed',
  /** Runs out of time half-way: PartiallyCompleted. */
  'partial',
  'expired',
  /** Somebody stops it half-way. */
  'stopped',
  /** Completed, but some records are in no output. */
  'missing',
  /** Completed, and some records are in the output twice. */
  'duplicated',
  /** Completed, but its output breaks off within a line. */
  'truncated',
  /** Completed with 0 successes. */
  'allErrors',
  /** Completed, but vectors are too short, not finite or zero. */
  'badVectors',
] as const;
export type JobFault = (typeof jobFaults)[number];

export type Operation = 'create' | 'get' | 'list' | 'stop' | 'invoke';

export interface SimulatorOptions {
  /** The S3 endpoint that jobs read from and write to. */
  s3Endpoint: string;
  port: number;
  /** Milliseconds that a job spends in each status. */
  delays: Partial<Record<Extract<JobStatus, 'Submitted' | 'Validating' | 'Scheduled' | 'InProgress'>, number>>;
  minRecords: number;
  maxRecords: number;
  maxFileBytes: number;
  maxJobs: number;
  requestsPerMinute: number;
  /** Whether a repeated clientRequestToken returns the first job. */
  rememberTokens: boolean;
  /** Milliseconds until a new job is in the list of jobs. */
  listLag: number;
  /** Milliseconds that a call of InvokeModel takes. */
  invokeDelay: number;
  /** The share of calls that go wrong, and how they may. */
  faultRate: number;
  faults: readonly CallFault[];
  /** The share of jobs that go wrong, and how they may. */
  jobFaultRate: number;
  jobFaults: readonly JobFault[];
  /** The share of records that come back as errors of the service. */
  recordErrorRate: number;
  /** Operations that are denied. */
  deny: readonly Operation[];
  /** The seed of all chance. */
  seed: number;
}

export const defaultOptions: SimulatorOptions = {
  s3Endpoint: '',
  port: 0,
  delays: { Submitted: 20, Validating: 20, Scheduled: 20, InProgress: 50 },
  minRecords: 100,
  maxRecords: 50_000,
  maxFileBytes: 1e9,
  maxJobs: 20,
  requestsPerMinute: 1e9,
  rememberTokens: true,
  listLag: 0,
  invokeDelay: 0,
  faultRate: 0,
  faults: callFaults,
  jobFaultRate: 0,
  jobFaults: ['failed', 'partial', 'expired', 'missing', 'duplicated'],
  recordErrorRate: 0,
  deny: [],
  seed: 1,
};

/** A generator of numbers in [0, 1) that repeats with its seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
