import { readFile } from 'node:fs/promises';
import { codeOf, UsageError } from '../errors.ts';
import { isYamlFault, parseYaml } from '../yaml.ts';
import type { ClusterOverrides } from './model.ts';

/** No overrides. */
export const noOverrides: ClusterOverrides = { merge: [], split: [] };

/**
 * Reads the file of merges and splits (YAML or JSON: `{merge: [[path, path]], split: [[path, path]]}`), throws a UsageError
 * that names the file and the place where it is not of that form.
 */
export async function readOverrides(path: string, signal: AbortSignal): Promise<ClusterOverrides> {
  const text = await readFile(path, { encoding: 'utf8', signal }).catch((error: unknown) => {
    throw new UsageError(`${path} (cluster.overrides): cannot be read: ${codeOf(error) ?? String(error)}`);
  });
  return parseOverrides(text, path);
}

/** The text of an overrides file; `origin` names it in errors. */
export function parseOverrides(text: string, origin: string): ClusterOverrides {
  const yaml = parseYaml(text);
  if (isYamlFault(yaml)) {
    throw new UsageError(
      `${origin}${yaml.place === null ? '' : `:${yaml.place.line}`}: does not parse: ${yaml.message}`,
    );
  }
  const value = yaml.tree ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${origin}: expected a mapping with "merge" and "split", found ${describe(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (name !== 'merge' && name !== 'split') {
      throw new UsageError(`${origin}: unknown key "${name}"; "merge" and "split" are known`);
    }
  }
  return {
    merge: pathLists('merge' in value ? value.merge : [], `${origin}: merge`),
    split: pathLists('split' in value ? value.split : [], `${origin}: split`),
  };
}

function pathLists(value: unknown, place: string): string[][] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new UsageError(`${place}: expected a list of lists, found ${describe(value)}`);
  return value.map((list: unknown, index) => {
    const here = `${place}[${index}]`;
    if (!Array.isArray(list) || list.length < 2) {
      throw new UsageError(`${here}: expected a list of at least two attribute paths, found ${describe(list)}`);
    }
    return list.map((path: unknown) => {
      if (typeof path === 'string' && path !== '') return path;
      throw new UsageError(`${here}: expected an attribute path, found ${describe(path)}`);
    });
  });
}

function describe(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}
