import { formatCount } from '../report/format.ts';
import { connectDataset, openTable } from '../store/connection.ts';
import { scanRows } from '../store/scan.ts';
import { defineCommand } from './define.ts';
import { columnsOf, styled } from './text.ts';

/** What is compared of a package. */
interface Compared {
  package_id: string;
  version: string | null;
  description: string | null;
  broken: boolean;
  insecure: boolean;
  unfree: boolean;
}

interface Changed {
  attribute_path: string;
  from: Partial<Compared>;
  to: Partial<Compared>;
}

interface Difference {
  added: { attribute_path: string; version: string | null }[];
  removed: { attribute_path: string; version: string | null }[];
  changed: Changed[];
}

const columns = ['package_id', 'version', 'description', 'broken', 'insecure', 'unfree'] as const;

export const diff = defineCommand({
  command: 'diff <old> <new>',
  describe: 'Compare the packages of two datasets',
  positionals: {
    old: { type: 'string', demandOption: true, describe: 'Dataset to compare from: a directory or an s3:// address' },
    new: { type: 'string', demandOption: true, describe: 'Dataset to compare to' },
  },
  options: { counts: { type: 'boolean', default: false, describe: 'Only how many there are' } },
  async run(args, { print, printJson }) {
    const difference = compare(await packagesOf(args.old), await packagesOf(args.new));
    const { added, removed, changed } = difference;
    const counts = { added: added.length, removed: removed.length, changed: changed.length };
    if (args.json) return printJson({ old: args.old, new: args.new, counts, ...(args.counts ? {} : difference) });
    return print(render(difference, args.counts));
  },
});

async function packagesOf(uri: string): Promise<Map<string, Compared>> {
  const table = await openTable(await connectDataset(uri), 'packages');
  const packages = new Map<string, Compared>();
  for await (const row of scanRows<Compared>(table, { columns: [...columns] })) packages.set(row.package_id, row);
  return packages;
}

/** What was added, removed and changed, by attribute path in order. */
function compare(before: Map<string, Compared>, after: Map<string, Compared>): Difference {
  const difference: Difference = { added: [], removed: [], changed: [] };
  for (const path of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === undefined) difference.added.push({ attribute_path: path, version: now?.version ?? null });
    else if (now === undefined) difference.removed.push({ attribute_path: path, version: old.version });
    else {
      const names = columns.filter((name) => old[name] !== now[name]);
      if (names.length === 0) continue;
      difference.changed.push({ attribute_path: path, from: pick(old, names), to: pick(now, names) });
    }
  }
  return difference;
}

function pick(row: Compared, names: (keyof Compared)[]): Partial<Compared> {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function render({ added, removed, changed }: Difference, countsOnly: boolean): string {
  const summary = `${formatCount(added.length)} added, ${formatCount(removed.length)} removed, ${formatCount(changed.length)} changed`;
  if (countsOnly) return `${summary}\n`;
  const rows = [
    ...added.map((entry) => ['+', entry.attribute_path, entry.version ?? '']),
    ...removed.map((entry) => ['-', entry.attribute_path, entry.version ?? '']),
    ...changed.map((entry) => ['~', entry.attribute_path, changeText(entry)]),
  ];
  return `${[...columnsOf(rows), styled('dim', summary)].join('\n')}\n`;
}

function changeText({ from, to }: Changed): string {
  const parts = Object.keys(to).map((name) => {
    const [old, now] = [valueOf(from, name), valueOf(to, name)];
    if (name === 'version')
      return `${typeof old === 'string' ? old : 'none'} → ${typeof now === 'string' ? now : 'none'}`;
    if (typeof now === 'boolean') return now ? name : `no longer ${name}`;
    return `${name} edited`;
  });
  return parts.join(', ');
}

function valueOf(row: Partial<Compared>, name: string): unknown {
  return Object.entries(row).find(([key]) => key === name)?.[1];
}
