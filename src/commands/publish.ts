import { KnownError, UsageError } from '../errors.ts';
import type { Preview } from '../publish/dataset.ts';
import { defineCommand } from './define.ts';
import { lastOf } from './global.ts';

export const publish = defineCommand({
  command: 'publish',
  describe: 'Publish the datasets that are there to S3, and the layer',
  options: {
    'dry-run': { type: 'boolean', default: false, describe: 'List what would go up, stay and go, and do nothing' },
    rollback: { type: 'boolean', default: false, describe: 'Send readers back to the snapshot before' },
    force: {
      type: 'string',
      requiresArg: true,
      describe: 'Publish in spite of the guard, for this reason',
      coerce: lastOf('force'),
    },
    only: {
      choices: ['main', 'minified'] as const,
      describe: 'One of the two datasets (default: those that are there)',
    },
  },
  examples: [
    ['$0 publish --dry-run', 'see what would travel'],
    ['$0 publish --force "python2 was dropped"', 'publish though much is gone; the reason lands in table runs'],
    ['$0 publish --rollback', 'latest.json names the snapshot before'],
  ],
  async run({ 'dry-run': dryRun, rollback, force, only, json }, { load, print, printJson, report, signal }) {
    const { config } = await load();
    if (rollback && (dryRun || force !== undefined))
      throw new UsageError('--rollback goes with neither --dry-run nor --force');
    if (force?.trim() === '') throw new UsageError('--force needs a reason; it is recorded in table runs');
    const context = { report, signal };
    const { existsSync } = await import('node:fs');
    const { targetKeyOf } = await import('../publish/keys.ts');
    const paths = { main: config.output.path, minified: config.output.minifiedPath };
    const keyed = (['main', 'minified'] as const).filter(
      (name) => (only === undefined || only === name) && targetKeyOf(config, name) !== null,
    );
    if (keyed.length === 0)
      throw new UsageError('nothing to publish to: set s3.bucket, and s3.dataKey or s3.minifiedKey');
    if (rollback) {
      const { rollbackAll } = await import('../publish/publish.ts');
      const done = await rollbackAll(config, keyed, context);
      return json
        ? printJson(done)
        : print(done.map(({ uri, from, to }) => `${uri}: from ${from} back to ${to}\n`).join(''));
    }
    const datasets = keyed.filter((name) => existsSync(paths[name]));
    if (datasets.length === 0)
      throw new KnownError(
        `there is no dataset at ${keyed.map((name) => paths[name]).join(' or ')}; make one with «fdnix-indexer run»`,
      );
    if (dryRun) {
      const { preview } = await import('../publish/publish.ts');
      const found = await preview(config, datasets, context);
      return json ? printJson(found) : print(Object.values(found).map(textOf).join(''));
    }
    const { publishPhase } = await import('../phases/publish.ts');
    const { publicationLines } = await import('../report/run-summary.ts');
    const result = await publishPhase(config, datasets, force ?? null, context);
    return json
      ? printJson(result)
      : report({ type: 'summary', title: 'published', lines: publicationLines(result), data: { ...result } });
  },
});

function textOf({ uri, latest, upload, copy, stay, go }: Preview): string {
  return [
    `${uri} (${latest})`,
    `  up ${amountOf(upload)}; copied within the bucket ${amountOf(copy)}; unchanged ${amountOf(stay)}; ` +
      `no longer needed ${go.length} files (deleted when the grace has passed)`,
    ...upload.map(({ path, size }) => `  + ${path} (${size})`),
    ...copy.map(({ path }) => `  = ${path}`),
    ...go.map((key) => `  - ${key}`),
    '',
  ].join('\n');
}

function amountOf(files: { size: number }[]): string {
  return `${files.length} files, ${files.reduce((sum, { size }) => sum + size, 0)} bytes`;
}
