import { KnownError, codeOf, messageOf } from '../errors.ts';

/** A call to a service: what was wanted on what, and how it was reached; for messages. */
export interface ServiceCall {
  /** The IAM action. */
  action: string;
  /** The ARN that it concerns. */
  resource: string;
  endpoint: string | null;
  /** The configuration key of the endpoint. */
  endpointKey: string;
  region: string | null;
  maxAttempts: number;
  /** What has to be checked where the bucket or function is not there. */
  missing: string;
}

/** A permission that the credentials lack. */
export class PermissionError extends KnownError {
  override readonly name = 'PermissionError';
  readonly action: string;
  readonly resource: string;

  constructor(action: string, resource: string, cause: unknown) {
    super(
      `no permission for ${action} on ${resource}: allow it for the credentials in use (docs/permissions.md has the policies)`,
      { cause },
    );
    this.action = action;
    this.resource = resource;
  }
}

interface ServiceFailure {
  name: string;
  message: string;
  status: number | undefined;
  headers: Record<string, string>;
  region: string | undefined;
}

const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired']);
const denied = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'Forbidden',
  'AllAccessDisabled',
  'UnauthorizedAccess',
  '403',
]);
const wrongRegion = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'TemporaryRedirect',
  '301',
]);
const badKeys = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidToken',
]);
const throttling = /^SlowDown$|Throttl|^TooManyRequests/;
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Whether credentials ran out while the call was made. */
export function isExpired(error: unknown): boolean {
  return expired.has(failureOf(error).name);
}

/** The HTTP status of a failed call, or undefined. */
export function statusOf(error: unknown): number | undefined {
  return failureOf(error).status;
}

/** Whether an object or bucket is not there. */
export function isMissing(error: unknown): boolean {
  const { name, status } = failureOf(error);
  return name !== 'NoSuchBucket' && (name === 'NoSuchKey' || name === 'NotFound' || status === 404);
}

/** Whether a conditional write was refused because of what is there. */
export function isPreconditionFailed(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** Whether a conditional write met another one that was under way, which S3 wants to be tried again. */
export function isConditionalConflict(error: unknown): boolean {
  return failureOf(error).name === 'ConditionalRequestConflict' || statusOf(error) === 409;
}

/** Whether the store does not know what was asked for. */
export function isUnsupported(error: unknown): boolean {
  return failureOf(error).name === 'NotImplemented' || statusOf(error) === 501;
}

/** Whether an answer's bytes were not those of its checksum. */
export function isDamaged(error: unknown): boolean {
  return messageOf(error).startsWith('Checksum mismatch');
}

/** Whether the same bytes may well pass at a later try: throttling, errors of the server, connections that break. */
export function isTransient(error: unknown): boolean {
  const { name, status } = failureOf(error);
  if (status !== undefined && status >= 200 && status < 300) return true;
  return (
    (status !== undefined && (status >= 500 || status === 429)) ||
    name === 'TimeoutError' ||
    network.has(codeOf(error) ?? '') ||
    isBroken(error)
  );
}

function isBroken(error: unknown): boolean {
  return (
    ['ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET'].includes(codeOf(error) ?? '') ||
    isDamaged(error) ||
    /aborted|socket hang up|premature/i.test(messageOf(error))
  );
}

/** The KnownError for a failed call: what was tried on which resource, what was found, what to do. */
export function serviceFailure(error: unknown, call: ServiceCall): Error {
  if (error instanceof KnownError) return error;
  const failure = failureOf(error);
  if (isMissing(error) || isPreconditionFailed(error))
    return error instanceof Error ? error : new Error(messageOf(error));
  if (isDenied(failure)) return new PermissionError(call.action, call.resource, error);
  const text = explain(error, failure, call);
  if (text === null) return error instanceof Error ? error : new KnownError(messageOf(error));
  return new KnownError(`${call.action} on ${call.resource}: ${text}`, { cause: error });
}

function isDenied({ name, status }: ServiceFailure): boolean {
  return (
    denied.has(name) || (status === 403 && !badKeys.has(name) && !expired.has(name) && name !== 'RequestTimeTooSkewed')
  );
}

function explain(error: unknown, failure: ServiceFailure, call: ServiceCall): string | null {
  const { name, status } = failure;
  if (expired.has(name)) {
    return 'the credentials expired and no newer ones were found; renew them and run again: what is finished is not done twice';
  }
  if (wrongRegion.has(name) || status === 301) return regionText(failure, call);
  if (name === 'NoSuchBucket') return `there is no such bucket; check ${call.missing} and ${call.endpointKey}`;
  if (badKeys.has(name)) return `the credentials were rejected (${name}); check the access key in use`;
  if (name === 'RequestTimeTooSkewed') return "this machine's clock differs too much from the service's; set it";
  if (name === 'CredentialsProviderError') return `no AWS credentials were found; set AWS_PROFILE, keys or a role`;
  if (/region is missing/i.test(messageOf(error))) return 'no region; set aws.region or AWS_REGION';
  return explainOutage(error, failure, call);
}

function explainOutage(error: unknown, { name, status }: ServiceFailure, call: ServiceCall): string | null {
  const tries = `after ${call.maxAttempts} tries (aws.maxAttempts)`;
  if (status === 429 || throttling.test(name)) {
    return `the service still throttles ${tries} (${name}); try later`;
  }
  if (status !== undefined && status >= 500) return `the service answers ${status} ${name} ${tries}; try later`;
  const code = codeOf(error);
  if ((name === 'TimeoutError' && !isBroken(error)) || code === 'ETIMEDOUT') {
    return `no answer in time ${tries}; ${addressText(call)}`;
  }
  if ((code !== undefined && network.has(code)) || isBroken(error)) {
    return `the connection failed ${tries} (${code ?? firstLine(error)}); ${addressText(call)}`;
  }
  if (status !== undefined) return `the service answers ${status} ${name}: ${firstLine(error)}`;
  return null;
}

function regionText({ headers, region, message }: ServiceFailure, call: ServiceCall): string {
  const hint = headers['x-amz-bucket-region'] ?? region ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1];
  const where = hint === undefined ? 'in another region' : `in region ${hint}`;
  const used = call.region ?? process.env['AWS_REGION'] ?? "the SDK's default";
  return `the bucket is ${where}, the client was set to ${used}; set aws.region${hint === undefined ? '' : ` to ${hint}`}`;
}

function addressText({ endpoint, endpointKey }: ServiceCall): string {
  return endpoint === null ? 'check the network' : `is ${endpoint} (${endpointKey}) right and up?`;
}

/** The ARN of a bucket or of an object in it. */
export function arnOf(bucket: string, key: string | null): string {
  return key === null ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
}

function failureOf(error: unknown): ServiceFailure {
  if (!(error instanceof Error))
    return { name: '', message: String(error), status: undefined, headers: {}, region: undefined };
  const { $metadata, $response, Code, Region } = error as Error & {
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string>; statusCode?: number };
    Code?: string;
    Region?: string;
  };
  const name =
    error.name === 'Error' || error.name === 'UnknownError' || error.name === 'S3ServiceException'
      ? (Code ?? error.name)
      : error.name;
  return {
    name,
    message: error.message,
    status: $metadata?.httpStatusCode ?? $response?.statusCode,
    headers: $response?.headers ?? {},
    region: Region,
  };
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
