import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd: string;
  /** The environment beside PATH and HOME, which is otherwise empty. */
  env?: Record<string, string>;
  /** Milliseconds after which it is killed, which makes its code null. */
  timeout?: number;
  /** Whether stdin is a pipe that nobody writes to, rather than nothing. */
  openStdin?: boolean;
}

/** Starts the command line tool from its sources, in a clean environment. */
export function startCli(
  args: readonly string[],
  { cwd, env = {}, timeout = 60_000, openStdin }: CliOptions,
): ChildProcess {
  return spawn(process.execPath, ['--import', import.meta.resolve('tsx'), cli, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
    stdio: [openStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
}

/** Runs the command line tool to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(args, options);
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}
