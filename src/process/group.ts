import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const defaultGraceMs = 3000;
/** Those that end a program which did not expect it. */
const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGPIPE'] as const;

export interface GroupOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** How long the process may take to end after SIGTERM before SIGKILL follows; 3 s unless told otherwise. */
  graceMs?: number | undefined;
  /** The group ends with this process even when it is killed: for programs that go on when nobody reads their output. */
  leashed?: boolean;
}

/**
 * Runs a program with one eye on stdin, whose other end this process holds: it closes when this process is gone, however
 * that came. The exit code is the program's, 128 and the signal's number where one ended it.
 */
const leash = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(read -r _ <&3; kill -KILL 0) 2>/dev/null &
watcher=$!
trap : TERM
wait "$program"
status=$?
while kill -0 "$program" 2>/dev/null; do
  wait "$program"
  status=$?
done
kill "$watcher" 2>/dev/null
exit "$status"
`;

/** How a process ended: with an exit code, by a signal, or without ever having started. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error: NodeJS.ErrnoException | null;
}

export interface Group {
  /** The process's id, which is its group's; undefined where it could not be started. */
  pid: number | undefined;
  stdout: Readable;
  stderr: Readable;
  exit: Promise<Exit>;
  /** Ends the process and all that it started: SIGTERM, then SIGKILL. Settles when the process is gone. */
  stop: () => Promise<void>;
}

/** Starts a process as the leader of its own group, with nothing on stdin, so that it ends with all its children. */
export function startGroup(command: readonly [string, ...string[]], options: GroupOptions = {}): Group {
  const { graceMs = defaultGraceMs, leashed = false, ...rest } = options;
  const [program, ...args] = leashed ? ['/bin/sh', '-c', leash, 'sh', ...command] : command;
  const stdin = leashed ? 'pipe' : 'ignore';
  const child = spawn(program, args, { ...rest, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError('the process has no pipes');
  const exit = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ ...endOf(code, signal, leashed), error: null }));
  });
  const stop = async (): Promise<void> => {
    if (child.pid === undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    const ended = await Promise.race([exit.then(() => true), sleep(graceMs, false, { ref: false })]);
    // The leader may be gone while others of its group still ignore SIGTERM.
    signalGroup(child.pid, 'SIGKILL');
    if (!ended) await exit;
    await groupIsGone(child.pid);
  };
  return { pid: child.pid, stdout, stderr, exit, stop };
}

function endOf(code: number | null, signal: NodeJS.Signals | null, leashed: boolean): Omit<Exit, 'error'> {
  const byNumber = leashed && code !== null && code > 128 ? signalNamed(code - 128) : null;
  return byNumber === null ? { code, signal } : { code: null, signal: byNumber };
}

function signalNamed(number: number): NodeJS.Signals | null {
  for (const name of signals) if (constants.signals[name] === number) return name;
  return null;
}

/** False where nobody of the group is left. */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}

/** Waits until all of a killed group have ended, which takes the system a moment. */
async function groupIsGone(id: number): Promise<void> {
  for (let tries = 0; tries < 100 && signalGroup(id, 0); tries += 1) await sleep(10);
}
