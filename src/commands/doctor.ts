import { KnownError } from '../errors.ts';
import type { Finding } from '../doctor/check.ts';
import { defineCommand } from './define.ts';
import { styled } from './text.ts';

export const doctor = defineCommand({
  command: 'doctor',
  describe: 'Check what a run with this configuration needs: tools, package set, memory, disk; touches nothing',
  examples: [['$0 doctor --set nixpkgs.source=git', 'before the first run']],
  async run({ json }, { load, print, printJson, report, signal }) {
    const { config } = await load();
    const { diagnose } = await import('../doctor/index.ts');
    const findings = await diagnose(config, { report, signal });
    const problems = findings.filter(({ status }) => status === 'problem');
    if (json) await printJson({ ok: problems.length === 0, findings });
    else await print(`${findings.map(textOf).join('\n')}\n`);
    if (problems.length === 0) return;
    const names = problems.map(({ name }) => name).join(', ');
    throw new KnownError(
      `${problems.length === 1 ? 'one thing is' : `${problems.length} things are`} in the way of a run: ${names}`,
    );
  },
});

const marks = { ok: styled('green', 'ok  '), note: styled('yellow', 'note'), problem: styled('red', 'BAD ') };

function textOf({ name, status, found, remedy }: Finding): string {
  const indent = ' '.repeat(24);
  const lines = [found, ...(remedy === undefined ? [] : [remedy])].join('\n').split('\n');
  return `${marks[status]} ${name.padEnd(18)} ${lines.join(`\n${indent}`)}`;
}
