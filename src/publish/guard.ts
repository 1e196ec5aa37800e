import { KnownError } from '../errors.ts';

/** What a dataset must not have lost against the one that is published. */
export interface GuardRules {
  /** The part of packages, edges or vectors that may be gone, 0 to 1. */
  maxShrink: number;
  /** Attribute paths that must be there. */
  canaries: string[];
}

/** What the guard looks at. */
export interface GuardInput {
  counts: Record<string, number>;
  /** Of what is published, or null where nothing is. */
  published: Record<string, number> | null;
  /** Canaries that the dataset does not have. */
  missing: string[];
  /** What verifying the dataset found. */
  problems: string[];
}

const guarded = ['packages', 'edges', 'vectors'] as const;

/** Every reason not to publish, each a sentence; empty where there is none. */
export function guardViolations(
  { maxShrink }: GuardRules,
  { counts, published, missing, problems }: GuardInput,
): string[] {
  const reasons = problems.map((problem) => `verify: ${problem}`);
  if (missing.length > 0)
    reasons.push(`packages that must be there are missing (publish.guard.canaries): ${missing.join(', ')}`);
  for (const name of guarded) {
    const [before, now] = [published?.[name], counts[name]];
    if (before === undefined || now === undefined || before === 0 || now >= before) continue;
    const shrunk = (before - now) / before;
    if (shrunk > maxShrink) {
      reasons.push(
        `${name} shrank by ${percent(shrunk)}, from ${before} to ${now}; ${percent(maxShrink)} is allowed (publish.guard.maxShrink)`,
      );
    }
  }
  return reasons;
}

/** The error that keeps a dataset from being published. */
export function guardError(dataset: string, reasons: string[]): KnownError {
  return new KnownError(
    [
      `${dataset} was not published; what is published stays:`,
      ...reasons.map((reason) => `  ${reason}`),
      'publish --force REASON publishes it all the same and records the reason',
    ].join('\n'),
  );
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`;
}
