import { KnownError } from '../errors.ts';
import { startGroup, type GroupOptions } from './group.ts';
import { quoteCommand } from './quote.ts';

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions extends GroupOptions {
  signal: AbortSignal;
  /** What to install where the program is not there. */
  remedy: string;
}

/** Runs a program to its end and returns what it wrote; a program that is not there is an error that names the remedy. */
export async function run(command: readonly [string, ...string[]], options: RunOptions): Promise<RunResult> {
  const { signal, remedy, ...rest } = options;
  signal.throwIfAborted();
  const group = startGroup(command, rest);
  const abort = (): void => void group.stop();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const [stdout, stderr, exit] = await Promise.all([textOf(group.stdout), textOf(group.stderr), group.exit]);
    signal.throwIfAborted();
    if (exit.error !== null) throw notStarted(command, exit.error, remedy);
    if (exit.code === null) throw new KnownError(`${quoteCommand(command)} was ended by ${exit.signal}.`);
    return { code: exit.code, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', abort);
    await group.stop();
  }
}

/** The error of a program that could not be started. */
export function notStarted(command: readonly string[], error: NodeJS.ErrnoException, remedy: string): KnownError {
  const why = error.code === 'ENOENT' ? 'is not on PATH' : `cannot be started (${error.message})`;
  return new KnownError(`${command[0]} ${why}. ${remedy}`, { cause: error });
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    // A program that never started has no output.
  }
  return Buffer.concat(chunks).toString();
}
