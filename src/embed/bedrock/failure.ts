/** How a call to AWS failed, as far as it matters for what to do next. */
export type FailureKind =
  /** Somebody must change something: permissions, arguments, the role. */
  | 'denied'
  | 'invalid'
  | 'missing'
  | 'conflict'
  /** Worth another try later. */
  | 'throttled'
  | 'quota'
  /** Nobody knows whether the call was done. */
  | 'unknown';

const kinds: Readonly<Record<string, FailureKind>> = {
  AccessDeniedException: 'denied',
  AccessDenied: 'denied',
  UnrecognizedClientException: 'denied',
  ExpiredTokenException: 'denied',
  CredentialsProviderError: 'denied',
  ValidationException: 'invalid',
  ModelErrorException: 'invalid',
  ResourceNotFoundException: 'missing',
  NoSuchKey: 'missing',
  NoSuchBucket: 'missing',
  NotFound: 'missing',
  ConflictException: 'conflict',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  ServiceUnavailableException: 'throttled',
  ModelNotReadyException: 'throttled',
  SlowDown: 'throttled',
  ServiceQuotaExceededException: 'quota',
};

/** Classifies what the SDK threw; errors that are no answer of the service (resets, time-outs) are `unknown`. */
export function failureKind(error: unknown): FailureKind {
  return (error instanceof Error ? kinds[error.name] : undefined) ?? 'unknown';
}
