import type { Config } from '../config/config.generated.ts';
import { UsageError } from '../errors.ts';

/** The two datasets that are published. */
export type DatasetName = 'main' | 'minified';

/** What the placeholders of a key stand for. */
export interface KeyValues {
  /** ISO date (UTC), `2026-07-14`. */
  date: string;
  /** The nixpkgs revision, or null where it is unknown. */
  revision: string | null;
}

const placeholder = /\{(?<name>[^{}]*)\}/g;

/** The key of a dataset with its placeholders, or null where it is not published. */
export function targetKeyOf({ s3 }: Config, dataset: DatasetName): string | null {
  if (s3.bucket === null) return null;
  return dataset === 'main' ? s3.dataKey : s3.minifiedKey;
}

/** Whether a key has a placeholder, so that each publication gets a prefix of its own. */
export function isTemplated(template: string): boolean {
  return template.search(placeholder) >= 0;
}

/** Fills `{date}` and `{revision}` in a key. Throws a UsageError for anything else in braces, or a revision that is unknown. */
export function fillKey(template: string, values: KeyValues, setting: string): string {
  return trimSlashes(template).replaceAll(placeholder, (whole, name: string) => {
    if (name === 'date') return values.date;
    if (name !== 'revision') {
      throw new UsageError(
        `${setting}: '${whole}' in '${template}' stands for nothing; there are {date} and {revision}`,
      );
    }
    if (values.revision === null) {
      throw new UsageError(
        `${setting}: '${template}' needs a revision, and the dataset has none; set nixpkgs.revision or use {date}`,
      );
    }
    return values.revision;
  });
}

/**
 * The key of the small file that names the current snapshot, beside the prefixes: `snapshots/fdnix-data.lancedb` and
 * `snapshots/{date}/fdnix-data.lancedb` have `snapshots/fdnix-data.latest.json`, `main/{date}.lancedb` has `main/latest.json`.
 */
export function latestKey(template: string): string {
  const key = trimSlashes(template);
  const segments = key.split('/');
  const first = segments.findIndex((segment) => isTemplated(segment));
  const head = segments.slice(0, first < 0 ? segments.length - 1 : first);
  const name = (segments.at(-1) ?? '')
    .replaceAll(placeholder, '')
    .replace(/\.lancedb$/, '')
    .replaceAll(/^[-_.~]+|[-_.~]+$/g, '');
  return [...head, name === '' ? 'latest.json' : `${name}.latest.json`].join('/');
}

/** The key of another file that belongs to the same dataset as `latest`: `….publisher.json`, `….inventories/…`. */
export function besideLatest(latest: string, name: string): string {
  return `${latest.slice(0, -'latest.json'.length)}${name}`;
}

/** Throws a UsageError where two datasets would share the file that names their current snapshot, or one lies in the other. */
export function checkKeys(keys: Record<string, string>): void {
  const entries = Object.entries(keys);
  for (const [index, [setting, key]] of entries.entries()) {
    for (const [otherSetting, other] of entries.slice(index + 1)) {
      if (latestKey(key) === latestKey(other)) {
        throw new UsageError(
          `${setting} '${key}' and ${otherSetting} '${other}' would share '${latestKey(key)}'; give their last parts different names`,
        );
      }
      const [a, b] = [`${trimSlashes(key)}/`, `${trimSlashes(other)}/`];
      if (a.startsWith(b) || b.startsWith(a))
        throw new UsageError(`${setting} '${key}' and ${otherSetting} '${other}' lie in one another`);
    }
  }
}

function trimSlashes(key: string): string {
  return key.replaceAll(/^\/+|\/+$/g, '');
}
