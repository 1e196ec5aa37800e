/**
 * An error whose message is meant for the person who runs the tool: what went wrong, where, what was found and what to
 * do. The command line prints the message alone; any other error is a bug and keeps its stack.
 */
export class KnownError extends Error {
  override readonly name: string = 'KnownError';
  /** The exit code that it leads to: 1 ran but did not do what was asked, 2 usage or configuration. */
  readonly exitCode: 1 | 2 = 1;
}

/** A wrong call or configuration: nothing was tried. */
export class UsageError extends KnownError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a system error (`ENOENT`, `EACCES`, …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
