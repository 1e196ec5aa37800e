import { textAt } from '../store/text-column.ts';
import type { Catalog, NameColumn } from './catalog.ts';
import { knobs } from './knobs.ts';

/** Where a term was found in a package's names. */
export const nameMatches = [
  'none',
  'typo',
  'set',
  'infix',
  'word',
  'prefix',
  'first word',
  'last word',
  'program',
  'version',
  'nested name',
  'name',
  'path',
] as const;
export type NameMatch = (typeof nameMatches)[number];

/** Signs that names join words with. */
const joiners = /[-_.+ ]/g;

/** Whether one of a row's names is the joined words (`google chrome`), and which; nothing where it is not. */
export function wholeName(catalog: Catalog, row: number, joined: string): { strength: number; how: NameMatch } | null {
  const { paths, names, programs } = catalog;
  if (plainName(paths, row, paths.starts[row]) === joined) return { strength: knobs.name.exact, how: 'path' };
  if (leafIs(catalog, row, joined)) return { strength: knobs.name.nested, how: 'nested name' };
  if (plainName(names, row, names.starts[row]) === joined) return { strength: knobs.name.exact, how: 'name' };
  if (plainName(programs, row, programs.starts[row]) === joined)
    return { strength: knobs.name.program, how: 'program' };
  return null;
}

/** Whether the last part of a row's path is the joined words. */
export function leafIs({ paths }: Catalog, row: number, joined: string): boolean {
  return plainName(paths, row, paths.leaves[row]) === joined;
}

function plainName({ lower, starts }: NameColumn, row: number, start: number | undefined): string {
  return lower.slice(start, starts[row + 1]).replaceAll(joiners, '');
}

/** Called for each match: row, how much of the term it satisfies (0 to 1), and how it matched. */
export type OnMatch = (row: number, strength: number, how: NameMatch) => void;

/** Finds a form of a term (in lower case) in attribute paths, names and main programs. */
export function matchNames(catalog: Catalog, form: string, onMatch: OnMatch): void {
  scan(catalog.paths, form, (row, place) => {
    const [start, end] = boundsOf(catalog.paths, row);
    const leaf = catalog.paths.leaves[row] ?? start;
    if (place === start && place + form.length === end) onMatch(row, knobs.name.exact, 'path');
    else if (place < leaf) matchSet(catalog.paths, form, place, row, onMatch);
    else
      matchName(
        catalog,
        catalog.paths,
        form,
        { row, place, start: afterUnderscore(catalog.paths, leaf), end },
        onMatch,
      );
  });
  scan(catalog.names, form, (row, place) => {
    const [start, end] = boundsOf(catalog.names, row);
    matchName(catalog, catalog.names, form, { row, place, start, end }, onMatch);
  });
  scan(catalog.programs, form, (row, place) => {
    const [start, end] = boundsOf(catalog.programs, row);
    if (place === start && place + form.length === end) onMatch(row, knobs.name.program, 'program');
    else if (place === start) matchName(catalog, catalog.programs, form, { row, place, start, end }, onMatch);
  });
}

/** Calls back for every row that contains the form, once for each place. */
function scan(column: NameColumn, form: string, found: (row: number, place: number) => void): void {
  const { lower, starts } = column;
  let row = 0;
  for (let place = lower.indexOf(form); place !== -1; place = lower.indexOf(form, place + 1)) {
    if ((starts[row + 1] ?? 0) <= place) row = rowAt(starts, place, row);
    if (place + form.length <= (starts[row + 1] ?? 0)) found(row, place);
  }
}

/** The row that holds a place, from a row before it on: near ones step by step, far ones by halving. */
function rowAt(starts: Uint32Array, place: number, from: number): number {
  let [low, step] = [from, 1];
  while (low + step < starts.length && (starts[low + step] ?? 0) <= place) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, starts.length - 1);
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle;
  }
  return low;
}

interface Place {
  row: number;
  place: number;
  /** Where the name starts and ends. */
  start: number;
  end: number;
}

function matchName(catalog: Catalog, column: NameColumn, form: string, at: Place, onMatch: OnMatch): void {
  const { row, place, start, end } = at;
  const after = place + form.length;
  const closes = isEdge(column, after, end);
  const rest = knobs.nameRest + (1 - knobs.nameRest) * (form.length / (end - start));
  if (place > start) {
    if (after === end && isEdge(column, place, end)) onMatch(row, rest * knobs.name.lastWord, 'last word');
    else if (closes && isEdge(column, place, end)) onMatch(row, rest * knobs.name.word, 'word');
    else if (form.length >= knobs.minInfix) onMatch(row, rest * knobs.name.infix, 'infix');
  } else if (after === end) {
    const nested = isNested(catalog, row);
    onMatch(row, nested ? knobs.name.nested : knobs.name.exact, nested ? 'nested name' : 'name');
  } else if (isVersion(column.lower.slice(after, end), catalog, row)) {
    onMatch(row, knobs.name.versioned * (isNested(catalog, row) ? knobs.name.nested : knobs.name.exact), 'version');
  } else if (closes) {
    onMatch(row, rest * knobs.name.firstWord, 'first word');
  } else {
    const share = form.length / (wordEnd(column, after, end) - start);
    onMatch(row, rest * knobs.name.prefix * (0.5 + 0.5 * share), 'prefix');
  }
}

/** A term that names the package set itself, as a word of it: `python` in python313Packages. */
function matchSet(column: NameColumn, form: string, place: number, row: number, onMatch: OnMatch): void {
  const end = boundsOf(column, row)[1];
  const opens = place === column.starts[row] || isEdge(column, place, end);
  if (opens && isEdge(column, place + form.length, end)) onMatch(row, knobs.name.set, 'set');
}

/** Whether the rest of a name is the package's version: `_17` at 17.10. */
function isVersion(rest: string, catalog: Catalog, row: number): boolean {
  const match = /^[-_.]?v?(\d+(?:[-_.]\d+)*)$/.exec(rest);
  if (match === null) return false;
  return digitsOf(textAt(catalog.versions, row)).startsWith(digitsOf(match[1] ?? ''));
}

function isNested({ paths }: Catalog, row: number): boolean {
  return paths.leaves[row] !== paths.starts[row];
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

/** Attribute paths put an underscore before a digit: `_7zz`. */
function afterUnderscore(column: NameColumn, start: number): number {
  return column.lower.codePointAt(start) === underscore ? start + 1 : start;
}

function boundsOf(column: NameColumn, row: number): [start: number, end: number] {
  return [column.starts[row] ?? 0, column.starts[row + 1] ?? 0];
}

const underscore = 95;

/** Whether a word begins or ends at a place: between letters and digits, at punctuation, at a hump (`nginxMainline`). */
function isEdge(column: NameColumn, place: number, end: number): boolean {
  if (place >= end) return true;
  const [before, after] = [classOf(column.text, place - 1), classOf(column.text, place)];
  return before !== after ? !(before === 'upper' && after === 'lower') : before === 'other';
}

function wordEnd(column: NameColumn, place: number, end: number): number {
  let at = place;
  while (!isEdge(column, at, end)) at += 1;
  return at;
}

function classOf(text: string, place: number): 'lower' | 'upper' | 'digit' | 'other' {
  const code = text.charCodeAt(place);
  if (code >= 97 && code <= 122) return 'lower';
  if (code >= 65 && code <= 90) return 'upper';
  if (code >= 48 && code <= 57) return 'digit';
  return code > 127 ? 'lower' : 'other';
}
