import { UsageError } from '../errors.ts';
import type { RunRow } from '../store/tables/runs.ts';
import { connect } from './dataset.ts';
import { defineCommand } from './define.ts';

export const status = defineCommand({
  command: 'status [dataset]',
  describe: 'Show the last runs that made a dataset',
  positionals: { dataset: { type: 'string', describe: 'Directory or s3:// address (default: output.path)' } },
  options: { limit: { type: 'number', default: 10, describe: 'How many runs to show' } },
  async run({ dataset, limit, json }, { cwd, load, print, printJson, signal }) {
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit: expected a number of runs, 1 or more');
    const { config } = await load();
    const { runsOf } = await import('../store/run-log.ts');
    const path = dataset ?? config.output.path;
    const runs = (await runsOf(await connect(config, path, cwd, signal))).slice(0, limit);
    if (json) return printJson({ dataset: path, runs });
    if (runs.length === 0) return print(`${path}: no runs are recorded; the main dataset has them\n`);
    return print(`${path}\n${runs.map(textOf).join('\n')}\n`);
  },
});

function textOf(run: RunRow): string {
  const seconds = (run.finished_at.getTime() - run.started_at.getTime()) / 1000;
  const what = `${run.packages} packages (${run.added} new, ${run.changed} changed, ${run.removed} removed), ${run.errors} errors`;
  const revision = run.revision === null ? '' : ` at ${run.revision.slice(0, 12)}`;
  const head = `  ${run.finished_at.toISOString().slice(0, 19)}Z  ${run.phase.padEnd(9)}  ${seconds.toFixed(1)} s  ${what}`;
  return [head, `      ${run.source}${revision}`, ...(run.note === null ? [] : [`      ${run.note}`])].join('\n');
}
