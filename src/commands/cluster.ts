import { KnownError, UsageError } from '../errors.ts';
import type { ClusterRow } from '../cluster/model.ts';
import { formatCount } from '../report/format.ts';
import { openTable } from '../store/connection.ts';
import { scanRows } from '../store/scan.ts';
import { sqlText } from '../store/write.ts';
import { datasetOption, openDataset } from './dataset.ts';
import { defineCommand } from './define.ts';
import { packageRow } from './show.ts';
import { columnsOf, styled } from './text.ts';

export const cluster = defineCommand({
  command: 'cluster [attribute]',
  describe: 'Show which attribute paths are one package and why, or work that out anew',
  positionals: { attribute: { type: 'string', describe: 'One of its attribute paths' } },
  options: {
    ...datasetOption,
    backfill: {
      type: 'boolean',
      default: false,
      describe: 'Work clusters and ranks of output.path out anew, with cluster.overrides',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'With --backfill: only say what would change' },
  },
  examples: [
    ['$0 cluster gtk4', 'its versions, and why they are one package'],
    ['$0 cluster --backfill --dry-run', 'what other overrides would change'],
  ],
  async run(args, context) {
    const { load, print, printJson } = context;
    const { config } = await load();
    if (args.backfill) {
      if (args.attribute !== undefined)
        throw new UsageError('cluster --backfill works on the whole dataset: leave the attribute path out');
      if (args.dataset !== undefined)
        throw new UsageError('cluster --backfill writes output.path: choose it with --set output.path=…');
      const { backfillClusters } = await import('../phases/cluster.ts');
      const summary = await backfillClusters(config, args['dry-run'], context);
      if (args.json) return printJson({ dry_run: args['dry-run'], ...summary });
      const counts = Object.entries(summary).map(([name, count]) => `${formatCount(count)} ${name}`);
      return print(`${args['dry-run'] ? 'would be: ' : ''}${counts.join(', ')}\n`);
    }
    if (args.attribute === undefined) throw new UsageError('cluster: an attribute path is missing, or --backfill');
    const { connection, packages, uri } = await openDataset(config, args.dataset, context);
    const row = await packageRow(packages, args.attribute, uri);
    const where = `cluster_id = ${sqlText(String(row['cluster_id']))}`;
    for await (const found of scanRows<ClusterRow>(await openTable(connection, 'clusters'), { where })) {
      return args.json
        ? printJson({ ...found, first_seen: new Date(found.first_seen).toISOString() })
        : print(render(found));
    }
    throw new KnownError(
      `${args.attribute}: its cluster ${String(row['cluster_id'])} is not in table clusters; «fdnix-indexer cluster --backfill» makes it anew`,
    );
  },
});

function render({ cluster_id, size, joins }: ClusterRow): string {
  const head = `${styled('bold', cluster_id)}  ${formatCount(size)} attribute ${size === 1 ? 'path' : 'paths'}`;
  const rows = joins.map((join) => [
    `  ${join.package_id}`,
    `= ${join.joined_to}`,
    join.reason,
    join.confidence.toFixed(2),
  ]);
  return `${[head, ...columnsOf(rows)].join('\n')}\n`;
}
