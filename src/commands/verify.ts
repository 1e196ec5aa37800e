import { KnownError } from '../errors.ts';
import type { Verification } from '../store/verify/verify.ts';
import { defineCommand } from './define.ts';

export const verify = defineCommand({
  command: 'verify [dataset]',
  describe: 'Check that a dataset is whole: files, ids, joins, counts, indexes',
  positionals: {
    dataset: { type: 'string', describe: 'Directory of a dataset (default: both of the configuration that are there)' },
  },
  async run({ dataset, json }, { load, print, printJson }) {
    const { readableDirectory } = await import('../store/place.ts');
    const { verifyDataset } = await import('../store/verify/verify.ts');
    const { output } = (await load()).config;
    const there = [output.path, output.minifiedPath].filter((path) => readableDirectory(path) !== null);
    const paths = dataset === undefined ? there : [dataset];
    if (paths.length === 0) throw new KnownError(`there is no dataset at ${output.path} or ${output.minifiedPath}`);
    const results = [];
    for (const path of paths) results.push(await verifyDataset(path));
    if (json) await printJson({ ok: results.every(({ ok }) => ok), datasets: results });
    else for (const result of results) await print(textOf(result));
    const bad = results.filter(({ ok }) => !ok).map((result) => result.dataset);
    if (bad.length > 0)
      throw new KnownError(
        `${bad.join(' and ')} did not pass; put a whole copy in its place, or move it away and run again`,
      );
  },
});

function textOf({ dataset, kind, checks }: Verification): string {
  const lines = checks.flatMap(({ name, detail, problems }) => [
    `  ${problems.length === 0 ? 'ok ' : 'BAD'} ${name}: ${detail}`,
    ...problems.map((problem) => `        ${problem}`),
  ]);
  return `${dataset} (${kind})\n${lines.join('\n')}\n`;
}
