import { Writable } from 'node:stream';
import { commands } from '../../src/commands/index.ts';
import { parse } from '../../src/commands/parse.ts';
import type { Report } from '../../src/report/event.ts';

/** Runs a command line in this process, which is ten times as quick as starting another one; what it throws is thrown. */
export async function runInProcess(args: readonly string[], cwd: string, report: Report = () => {}): Promise<string> {
  const chunks: string[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const reporter = { report, close: () => {} };
  const { signal } = new AbortController();
  await parse(args, commands, { cwd, env: {}, signal, stdout, useReporter: () => reporter });
  return chunks.join('');
}
