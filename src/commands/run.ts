import { defineCommand } from './define.ts';

const modes = ['metadata', 'embedding', 'minified', 'both', 'full'] as const;

export const run = defineCommand({
  command: 'run',
  describe: 'Index: evaluate or read a package set, embed it, minify it, publish it',
  options: {
    mode: { choices: modes, describe: 'Which phases to run (configuration: mode)' },
    force: { type: 'boolean', default: false, describe: 'Run phases whose result would be the same' },
  },
  examples: [
    ['$0 run --mode metadata --set nixpkgs.source=jsonl --set nixpkgs.path=eval.jsonl.zst', 'index a recording'],
    ['$0 run --json | jq -c .', 'follow the events as JSONL'],
  ],
  jsonEvents: true,
  async run({ mode, force }, { load, report, signal }) {
    const { config } = await load(mode === undefined ? [] : [{ flag: '--mode', key: 'mode', value: mode }]);
    const { runPipeline } = await import('../pipeline.ts');
    const { summaryOf } = await import('../report/run-summary.ts');
    const { measured } = await import('../report/measured.ts');
    const result = await measured(config, report, (done) => runPipeline(config, { force }, { report, signal }, done));
    report(summaryOf(config, result));
  },
});
