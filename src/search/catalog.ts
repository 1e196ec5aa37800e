import type { CatalogColumns, SearchTable } from '../store/search-table.ts';
import { textAt } from '../store/text-column.ts';
import type { TextColumn } from '../store/text-column.ts';
import { weigh } from './prior.ts';

const textColumns = ['package_id', 'package_name', 'main_program', 'cluster_id', 'version', 'description'];
const numberColumns = [
  'module_references',
  'test_references',
  'dependents',
  'rank',
  'quality',
  'effort',
  'broken',
  'insecure',
  'unfree',
  'available',
];

/** A searchable name: its column as it is and in lower case (same length, so that places in one are places in the other). */
export interface NameColumn extends TextColumn {
  lower: string;
  /** Where the last part of each attribute path starts; in other columns where the name starts. */
  leaves: Uint32Array;
}

/** What search knows of every package, by row number; loaded once when a dataset is opened. */
export interface Catalog {
  rows: number;
  paths: NameColumn;
  names: NameColumn;
  programs: NameColumn;
  versions: TextColumn;
  descriptions: TextColumn;
  /** Each row's cluster, by number. */
  clusterOf: Uint32Array;
  clusterIds: string[];
  /** The rows of a cluster: `members[memberStarts[c]]` up to `memberStarts[c + 1]`. */
  members: Uint32Array;
  memberStarts: Uint32Array;
  /** Points that do not depend on the query: popularity of the cluster, and what the row itself adds or loses. */
  popularity: Float32Array;
  /** How much refers to the row itself: ln(1 + n). */
  use: Float32Array;
  prior: Float32Array;
  columns: CatalogColumns;
}

/** Reads the catalogue of an open dataset. */
export async function loadCatalog(table: SearchTable): Promise<Catalog> {
  const columns = await table.readColumns(textColumns, numberColumns);
  const { rows, texts } = columns;
  const { clusterOf, clusterIds } = numberClusters(column(texts, 'cluster_id'), rows);
  const { members, memberStarts } = membersOf(clusterOf, clusterIds.length);
  const paths = nameColumn(column(texts, 'package_id'), '.');
  const loaded = {
    rows,
    paths,
    names: nameColumn(column(texts, 'package_name')),
    programs: nameColumn(column(texts, 'main_program')),
    versions: column(texts, 'version'),
    descriptions: column(texts, 'description'),
    clusterOf,
    clusterIds,
    members,
    memberStarts,
    columns,
  };
  return { ...loaded, ...weigh(loaded) };
}

/** A number of a row, 0 where the dataset has no such column. */
export function numberAt(columns: CatalogColumns, name: string, row: number): number {
  return columns.numbers[name]?.[row] ?? 0;
}

function column(texts: Record<string, TextColumn>, name: string): TextColumn {
  return texts[name] ?? { text: '', starts: new Uint32Array() };
}

function nameColumn({ text, starts }: TextColumn, separator?: string): NameColumn {
  const lower = text.toLowerCase();
  const leaves = starts.slice();
  if (separator !== undefined) {
    let row = 0;
    for (let place = text.indexOf(separator); place !== -1; place = text.indexOf(separator, place + 1)) {
      while ((starts[row + 1] ?? 0) <= place) row += 1;
      leaves[row] = place + 1;
    }
  }
  // A few letters of Unicode change their length; places must stay the same.
  const safe = lower.length === text.length ? lower : text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase());
  return { text, starts, lower: safe, leaves };
}

function numberClusters(ids: TextColumn, rows: number): { clusterOf: Uint32Array; clusterIds: string[] } {
  const numbers = new Map<string, number>();
  const clusterOf = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const id = textAt(ids, row);
    let number = numbers.get(id);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(id, number);
    }
    clusterOf[row] = number;
  }
  return { clusterOf, clusterIds: [...numbers.keys()] };
}

function membersOf(clusterOf: Uint32Array, clusters: number): { members: Uint32Array; memberStarts: Uint32Array } {
  const memberStarts = new Uint32Array(clusters + 1);
  for (const cluster of clusterOf) memberStarts[cluster + 1] = (memberStarts[cluster + 1] ?? 0) + 1;
  for (let index = 0; index < clusters; index += 1)
    memberStarts[index + 1] = (memberStarts[index + 1] ?? 0) + (memberStarts[index] ?? 0);
  const next = memberStarts.slice();
  const members = new Uint32Array(clusterOf.length);
  for (const [row, cluster] of clusterOf.entries()) {
    const place = next[cluster] ?? 0;
    members[place] = row;
    next[cluster] = place + 1;
  }
  return { members, memberStarts };
}
