import type { Writable } from 'node:stream';
import type { Reporter } from '../report/reporter.ts';

/** The process as commands see it; main.ts makes the one that there is. */
export interface Runtime {
  cwd: string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  stdout: Writable;
  /** Replaces the reporter, once the flags are known. */
  useReporter: (options: { json: boolean; quiet: boolean }) => Reporter;
}

/** Writes data to stdout and waits until it is taken; does nothing once the reader has gone. */
export async function print(stdout: Writable, text: string): Promise<void> {
  if (!stdout.writable) return;
  await new Promise<void>((resolve) => {
    // The stream's error event tells what went wrong; a reader that left is none of our failures.
    stdout.write(text, () => resolve());
  });
}
