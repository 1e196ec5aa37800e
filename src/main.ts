import process from 'node:process';
import { commands } from './commands/index.ts';
import { parse } from './commands/parse.ts';
import type { Runtime } from './commands/runtime.ts';
import { codeOf, KnownError, messageOf } from './errors.ts';
import { createReporter } from './report/index.ts';

const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** What is still open (sockets, threads) after a command has ended may keep the process for this long. */
const lingerMs = 3000;
/** How long a command may take to end in order after a signal: children are stopped, journals written. */
const graceMs = 20_000;

const controller = new AbortController();
let received: keyof typeof signalCodes | undefined;
let reporter = createReporter({ stderr: process.stderr, env: process.env });

const runtime: Runtime = {
  cwd: process.cwd(),
  env: process.env,
  signal: controller.signal,
  stdout: process.stdout,
  useReporter({ json, quiet }) {
    const events = json ? process.stdout : undefined;
    reporter = createReporter({ json: events, quiet, stderr: process.stderr, env: process.env });
    return reporter;
  },
};

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
process.stdout.on('error', onStreamError);
process.stderr.on('error', onStreamError);
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  await parse(process.argv.slice(2), commands, runtime);
} catch (error) {
  fail(error);
}
reporter.close();
if (received !== undefined) process.exitCode = signalCodes[received];
setTimeout(() => process.exit(), lingerMs).unref();

function onSignal(name: keyof typeof signalCodes): void {
  if (received !== undefined) dieOf(name);
  received = name;
  reporter.report({ type: 'info', message: `${name}: stopping; once more stops at once` });
  controller.abort(new KnownError(`stopped by ${name}`));
  setTimeout(() => dieOf(name), graceMs).unref();
}

/** Ends the process as the signal would have: `process.exit` waits for threads, one of which may hang in a read. */
function dieOf(name: keyof typeof signalCodes): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** A reader that has gone (`… | head`) is no failure. */
function onStreamError(error: Error): void {
  if (codeOf(error) === 'EPIPE') return;
  process.exitCode = 1;
  if (process.stderr.writable) process.stderr.write(`error: cannot write output: ${messageOf(error)}\n`);
}

function fail(error: unknown): void {
  if (received !== undefined) return;
  if (error instanceof KnownError) {
    process.exitCode = error.exitCode;
    reporter.report({ type: 'error', message: withCauses(error) });
    return;
  }
  process.exitCode = 1;
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  reporter.report({
    type: 'error',
    message: `this is a bug in fdnix-indexer; please report it with these lines:\n${stack}`,
  });
}

/** The message, and those of its causes that say something new. */
function withCauses(error: Error): string {
  const lines = [error.message];
  for (let cause = error.cause; cause instanceof Error && lines.length < 5; cause = cause.cause) {
    const { message } = cause;
    if (!lines.some((line) => line.includes(message))) lines.push(`  because: ${message}`);
  }
  return lines.join('\n');
}
