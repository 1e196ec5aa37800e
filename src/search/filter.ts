import { KnownError } from '../errors.ts';

/** What hits must be, beside what they are searched for. */
export interface Filters {
  /** SPDX identifier of one of its licenses. */
  license?: string | undefined;
  /** One of `meta.platforms`. */
  platform?: string | undefined;
  /** A maintainer's GitHub handle. */
  maintainer?: string | undefined;
  category?: string | undefined;
  /** The main program. */
  program?: string | undefined;
  /** A system on which it is available. */
  system?: string | undefined;
  broken?: boolean | undefined;
  unfree?: boolean | undefined;
  insecure?: boolean | undefined;
  available?: boolean | undefined;
  /** At least this complete metadata, 0 to 1. */
  minQuality?: number | undefined;
}

/** A condition on columns that SQL cannot express: lists of structs. */
interface RowTest {
  column: string;
  test: (value: unknown) => boolean;
}

/** Filters as an SQL condition (null where there is none) and tests. */
export interface Condition {
  where: string | null;
  tests: RowTest[];
}

/**
 * Filters in terms of a dataset's columns: the main and the minified one hold some under other names, some in one alone. Throws a
 * KnownError where a filter needs a column that this dataset does not have.
 */
export function conditionOf(filters: Filters, columns: ReadonlySet<string>): Condition {
  const where: string[] = [];
  const tests: RowTest[] = [];
  const need = (filter: string, ...names: string[]): string => {
    const found = names.find((name) => columns.has(name));
    if (found !== undefined) return found;
    throw new KnownError(
      `--${filter}: this dataset has no column ${names.join(' or ')}; the main dataset has it: --dataset <output.path>`,
    );
  };
  for (const flag of ['broken', 'unfree', 'insecure', 'available'] as const) {
    const wanted = filters[flag];
    if (wanted !== undefined) where.push(`${need(flag, flag)} = ${wanted}`);
  }
  if (filters.license !== undefined) {
    where.push(
      `regexp_like(${need('license', 'license_expression', 'license')}, ${text(licensePattern(filters.license))}, 'i')`,
    );
  }
  if (filters.platform !== undefined)
    where.push(`array_has(${need('platform', 'platforms')}, ${text(filters.platform)})`);
  for (const [filter, column] of [
    ['category', 'category'],
    ['program', 'main_program'],
  ] as const) {
    const value = filters[filter];
    if (value !== undefined) where.push(`lower(${need(filter, column)}) = ${text(value.toLowerCase())}`);
  }
  if (filters.minQuality !== undefined && filters.minQuality > 0) {
    // The column is a 32-bit float: a hair below, so that 0.9 means what was rounded to 0.9.
    where.push(`${need('min-quality', 'quality')} >= ${filters.minQuality - 1e-6}`);
  }
  const { maintainer, system } = filters;
  if (maintainer !== undefined)
    tests.push({ column: need('maintainer', 'maintainers'), test: (value) => hasMaintainer(value, maintainer) });
  if (system !== undefined)
    tests.push({ column: need('system', 'availability'), test: (value) => isAvailable(value, system) });
  return { where: where.length === 0 ? null : where.join(' AND '), tests };
}

/** The identifier as a whole word of an SPDX expression. */
function licensePattern(license: string): string {
  return `(^|[ (])${license.replaceAll(/[^\w]/g, String.raw`\$&`)}($|[ )+])`;
}

/** Handles in the minified dataset, structs in the main one. */
function hasMaintainer(value: unknown, handle: string): boolean {
  const wanted = handle.toLowerCase();
  return listOf(value).some((entry) => {
    const name = typeof entry === 'string' ? entry : field(entry, 'github');
    return typeof name === 'string' && name.toLowerCase() === wanted;
  });
}

function isAvailable(value: unknown, system: string): boolean {
  return listOf(value).some((entry) => field(entry, 'system') === system && field(entry, 'available') === true);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
