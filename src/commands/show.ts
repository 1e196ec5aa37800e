import type { Table } from '@lancedb/lancedb';
import { KnownError } from '../errors.ts';
import { qualityOf } from '../quality/index.ts';
import type { QualityInput } from '../quality/index.ts';
import { editDistance } from '../search/typos.ts';
import { scanRows } from '../store/scan.ts';
import { sqlText } from '../store/write.ts';
import { datasetOption, openDataset } from './dataset.ts';
import { defineCommand } from './define.ts';
import { columnsOf, oneLine, styled } from './text.ts';

type Row = Record<string, unknown>;

/** Columns that say nothing to people. */
const technical = new Set([
  'package_id',
  'attribute_path',
  'vector',
  'content_hash',
  'row_hash',
  'has_embedding',
  'cluster_id',
  'description',
  'long_description',
  'version',
  'availability',
]);

export const show = defineCommand({
  command: 'show <attribute>',
  describe: 'Show all that is known of a package',
  positionals: { attribute: { type: 'string', demandOption: true, describe: 'Its attribute path' } },
  options: { ...datasetOption },
  async run({ attribute, dataset, json }, { cwd, load, print, printJson, signal }) {
    const { config } = await load();
    const { packages, uri } = await openDataset(config, dataset, { cwd, signal });
    const row = await packageRow(packages, attribute, uri);
    const variants = await variantsOf(packages, row);
    const parts = isQualityInput(row) ? qualityOf(row).parts : null;
    const { vector: _, ...shown } = row;
    if (json) return printJson({ ...shown, variants, quality_parts: parts });
    return print(render(shown, variants));
  },
});

/** Reads a package by its attribute path; one that is not there is a KnownError that names near ones. */
export async function packageRow(packages: Table, attribute: string, uri: string): Promise<Row> {
  for await (const row of scanRows<Row>(packages, { where: `package_id = ${sqlText(attribute)}` })) return dated(row);
  const near = await nearPaths(packages, attribute);
  const hint =
    near.length > 0 ? `; did you mean ${near.join(', ')}?` : `; find it with «fdnix-indexer search ${attribute}»`;
  throw new KnownError(`${attribute}: no such attribute path in ${uri}${hint}`);
}

/** Attribute paths that may have been meant: with that last part or that program, else of much the same letters, the nearest first. */
async function nearPaths(packages: Table, attribute: string): Promise<string[]> {
  const limit = attribute.length < 5 ? 1 : 2;
  const found: { path: string; distance: number }[] = [];
  const columns = ['package_id', 'main_program'];
  for await (const row of scanRows<{ package_id: string; main_program: string | null }>(packages, { columns })) {
    const path = row.package_id;
    const leaf = path.slice(path.lastIndexOf('.') + 1);
    const meant = leaf === attribute || row.main_program === attribute;
    const distance = meant ? 0 : Math.min(...[path, leaf].map((name) => editDistance(attribute, name, limit)));
    if (distance <= limit) found.push({ path, distance });
  }
  const near = found.toSorted((a, b) => a.distance - b.distance || a.path.length - b.path.length);
  return near.slice(0, 4).map(({ path }) => path);
}

async function variantsOf(packages: Table, row: Row): Promise<{ attribute_path: string; version: string | null }[]> {
  const variants: { attribute_path: string; version: string | null }[] = [];
  const where = `cluster_id = ${sqlText(String(row['cluster_id']))}`;
  for await (const other of scanRows<{ attribute_path: string; version: string | null }>(packages, {
    columns: ['attribute_path', 'version'],
    where,
  })) {
    if (other.attribute_path !== row['attribute_path'])
      variants.push({ attribute_path: other.attribute_path, version: other.version });
  }
  return variants.toSorted((a, b) => (a.attribute_path < b.attribute_path ? -1 : 1));
}

function render(row: Row, variants: { attribute_path: string; version: string | null }[]): string {
  const head = [styled('bold', String(row['attribute_path'])), typeof row['version'] === 'string' ? row['version'] : '']
    .join(' ')
    .trimEnd();
  const facts = Object.entries(row)
    .filter(([name, value]) => !technical.has(name) && !isEmpty(value))
    .map(([name, value]) => [`  ${name.replaceAll('_', ' ')}`, factText(value)]);
  if (Array.isArray(row['availability'])) facts.push(['  available on', availabilityText(row['availability'])]);
  const lines = [head];
  if (typeof row['description'] === 'string') lines.push(`  ${oneLine(row['description'])}`);
  lines.push('', ...columnsOf(facts));
  if (variants.length > 0)
    lines.push(
      '',
      '  the same package:',
      ...columnsOf(variants.map((other) => [`    ${other.attribute_path}`, other.version ?? ''])),
    );
  if (typeof row['long_description'] === 'string')
    lines.push('', row['long_description'].trim().replaceAll(/^/gm, '  '));
  return `${lines.join('\n')}\n`;
}

function factText(value: unknown): string {
  if (Array.isArray(value)) return value.map(factText).join(', ');
  if (typeof value === 'object' && value !== null) {
    const fields = new Map(Object.entries(value));
    const name =
      fields.get('spdx_id') ??
      fields.get('url') ??
      fields.get('github') ??
      fields.get('name') ??
      fields.get('full_name');
    return name === undefined || name === null
      ? [...fields.values()].filter((field) => field !== null).join(' ')
      : String(name);
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(2);
  return String(value);
}

function availabilityText(list: unknown[]): string {
  const systems = list.filter(
    (entry) => typeof entry === 'object' && entry !== null && 'available' in entry && entry.available === true,
  );
  return (
    systems
      .map((entry) => (typeof entry === 'object' && entry !== null && 'system' in entry ? String(entry.system) : ''))
      .join(', ') || 'no system'
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every((field) => field === null);
}

/** Timestamps come as milliseconds; people and JSON get ISO dates. */
function dated(row: Row): Row {
  const updated = row['last_updated'];
  return typeof updated === 'number' ? { ...row, last_updated: new Date(updated).toISOString() } : row;
}

/** Whether a row has what quality is worked out from: the main dataset's has. */
function isQualityInput(row: Row): row is Row & QualityInput {
  return ['urls', 'maintainers', 'teams', 'long_description', 'license_expression', 'position'].every(
    (name) => name in row,
  );
}
