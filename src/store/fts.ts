import type { Table } from '@lancedb/lancedb';
import { KnownError } from '../errors.ts';

/** How texts are cut into words for full-text search. */
export interface FtsOptions {
  /** LanceDB's name of a language in lower case, or null for no stemming. */
  stemmer: string | null;
  /** The same for stop words, or null to keep them. */
  stopwords: string | null;
}

/** The columns of `packages` that full-text search knows. */
export const ftsColumns = [
  'package_name',
  'attribute_path',
  'main_program',
  'description',
  'long_description',
] as const;

// An unknown language ends the whole process inside LanceDB, so what is passed on comes from this list alone.
const languages = [
  'Arabic',
  'Danish',
  'Dutch',
  'English',
  'Finnish',
  'French',
  'German',
  'Greek',
  'Hungarian',
  'Italian',
  'Norwegian',
  'Portuguese',
  'Romanian',
  'Russian',
  'Spanish',
  'Swedish',
  'Tamil',
  'Turkish',
];

// Each build keeps to about one processor. Lance needs a thread more than there are builds, or they wait for ever.
const buildsAtATime = 2;

/** Makes the full-text indexes of a table, and makes those anew that lack rows. */
export async function ensureFtsIndexes(table: Table, options: FtsOptions): Promise<void> {
  const { Index } = await import('@lancedb/lancedb');
  const complete = await completeIndexes(table);
  const settings = {
    withPosition: false,
    baseTokenizer: 'simple',
    lowercase: true,
    asciiFolding: true,
    language: languageOf(options),
    stem: options.stemmer !== null,
    removeStopWords: options.stopwords !== null,
  } as const;
  const missing: string[] = ftsColumns.filter((column) => !complete.has(column));
  const makeNext = async (): Promise<void> => {
    for (let column = missing.pop(); column !== undefined; column = missing.pop()) {
      await table.createIndex(column, { config: Index.fts(settings), replace: true });
    }
  };
  await Promise.all(Array.from({ length: buildsAtATime }, makeNext));
}

/** The columns whose index covers every row. */
export async function completeIndexes(table: Table): Promise<Set<string>> {
  const complete = new Set<string>();
  for (const { name, columns } of await table.listIndices()) {
    const stats = await table.indexStats(name);
    if (stats?.numUnindexedRows === 0) for (const column of columns) complete.add(column);
  }
  return complete;
}

function languageOf({ stemmer, stopwords }: FtsOptions): string {
  const wanted = (stemmer ?? stopwords ?? 'english').toLowerCase();
  const found = languages.find((language) => language.toLowerCase() === wanted);
  if (found === undefined) {
    throw new KnownError(`fts: ${wanted} is no language that LanceDB knows (${languages.join(', ').toLowerCase()})`);
  }
  return found;
}
