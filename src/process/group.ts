import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const defaultGraceMs = 3000;

export interface GroupOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** How long the process may take to end after SIGTERM before SIGKILL follows; 3 s unless told otherwise. */
  graceMs?: number | undefined;
}

/** How a process ended: with an exit code, by a signal, or without ever having started. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error: NodeJS.ErrnoException | null;
}

export interface Group {
  child: ChildProcess & { stdout: NonNullable<ChildProcess['stdout']>; stderr: NonNullable<ChildProcess['stderr']> };
  exit: Promise<Exit>;
  /** Ends the process and all that it started: SIGTERM, then SIGKILL. Settles when the process is gone. */
  stop: () => Promise<void>;
}

/** Starts a process as the leader of its own group, with nothing on stdin, so that it ends with all its children. */
export function startGroup(command: readonly [string, ...string[]], options: GroupOptions = {}): Group {
  const [program, ...args] = command;
  const { graceMs = defaultGraceMs, ...rest } = options;
  const child = spawn(program, args, { ...rest, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal, error: null }));
  });
  const stop = async (): Promise<void> => {
    if (child.pid === undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    const ended = await Promise.race([exit.then(() => true), sleep(graceMs, false, { ref: false })]);
    // The leader may be gone while others of its group still ignore SIGTERM.
    signalGroup(child.pid, 'SIGKILL');
    if (!ended) await exit;
  };
  return { child, exit, stop };
}

function signalGroup(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-id, signal);
  } catch {
    // Nobody of the group is left.
  }
}
