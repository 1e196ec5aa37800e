import { UsageError } from '../errors.ts';
import type { PlannedEmbedding } from '../phases/embedding.ts';
import { formatCount, formatDollars, formatDuration } from '../report/format.ts';
import { defineCommand } from './define.ts';

export const embed = defineCommand({
  command: 'embed',
  describe: 'Embed the main dataset alone; tell what it would cost, or stop its batch jobs',
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'Print what would be embedded and what it would cost' },
    'stop-jobs': { type: 'boolean', default: false, describe: 'Stop the batch jobs that an interrupted run left' },
  },
  examples: [
    ['$0 embed --dry-run', 'texts, tokens, jobs, price and time'],
    ['$0 embed --stop-jobs', 'stop what goes on in Bedrock; what it embedded is not lost'],
  ],
  async run({ dryRun, stopJobs, json }, { load, report, signal, print, printJson }) {
    if (dryRun && stopJobs) throw new UsageError('--dry-run and --stop-jobs exclude each other');
    const { config } = await load();
    const context = { report, signal };
    const phases = await import('../phases/embedding.ts');
    if (stopJobs) {
      const jobs = await phases.stopEmbeddingJobs(config, context);
      if (json) return printJson({ jobs });
      if (jobs.length === 0) return print('no batch jobs are left\n');
      const lines = jobs.map(({ name, outcome }) => `${name}: ${outcome}\n`);
      return print(`${lines.join('')}the next run takes in what was embedded, and sends the rest again\n`);
    }
    if (dryRun) {
      const planned = await phases.planEmbeddingPhase(config, context);
      if (planned === null) throw new UsageError(`nothing would be embedded: ${phases.whyNone(config)}`);
      const plan = { ...planned.plan, pending: planned.plan.pending.length };
      return json ? printJson({ ...planned, plan }) : print(planText(planned));
    }
    const result = await phases.embeddingPhase(config, context);
    if (json) return printJson(result);
    const { embeddingLines } = await import('../report/embedding-lines.ts');
    report({ type: 'summary', title: 'embedded', lines: embeddingLines(result), data: { ...result } });
  },
});

type Line = [label: string, value: string];

function planText({ plan, provider, model }: PlannedEmbedding): string {
  const lines: Line[] = [
    ['provider', `${provider}, ${model}`],
    ['texts', `${formatCount(plan.texts)} of ${formatCount(plan.packages)} packages`],
    ['reused', formatCount(plan.reused)],
    ...(plan.inFlight > 0 ? [['on their way', `${formatCount(plan.inFlight)}, sent by an earlier run`] as Line] : []),
    ['new', plan.pending.length === 0 ? '0: nothing would be sent' : formatCount(plan.pending.length)],
    ...(plan.pending.length === 0 ? [] : costLines(plan.estimate)),
  ];
  return lines.map(([label, value]) => `${label.padEnd(14)}${value}\n`).join('');
}

function costLines({ tokens, jobs, calls, cost, seconds }: PlannedEmbedding['plan']['estimate']): Line[] {
  return [
    ['tokens', `about ${formatCount(tokens)}`],
    ['jobs', `${formatCount(jobs)}, and ${formatCount(calls)} calls on demand`],
    ['price', `about ${formatDollars(cost)}`],
    ['time', seconds === null ? 'unknown' : `about ${formatDuration(seconds)} at the quotas`],
  ];
}
