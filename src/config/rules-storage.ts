import { resolve, sep } from 'node:path';
import type { Config } from './config.generated.ts';
import { missingOf } from './violation.ts';
import type { Violation } from './violation.ts';

/** The two datasets are directories of this machine that do not lie in one another. */
export function outputRules({ output }: Config): Violation[] {
  const found: Violation[] = [];
  for (const [key, path] of [
    ['output.path', output.path],
    ['output.minifiedPath', output.minifiedPath],
  ] as const) {
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) continue;
    found.push({
      keys: [key],
      message: `"${path}" is an address, and datasets are written on this machine; s3.bucket publishes them`,
    });
  }
  if (found.length === 0 && overlaps(resolve(output.path), resolve(output.minifiedPath), sep)) {
    const message = `"${output.minifiedPath}" and output.path ("${output.path}") are the same directory or lie in one another`;
    found.push({ keys: ['output.minifiedPath', 'output.path'], message });
  }
  return found;
}

/** The dependency JSON replaces whatever is at its path, which must not be a dataset or what is read. */
export function dependencyPathRules({ output, nixpkgs }: Config): Violation[] {
  const { dependencyPath } = output;
  if (dependencyPath === null) return [];
  const reads = nixpkgs.source === 'jsonl' || nixpkgs.source === 'channel' ? [nixpkgs.path ?? []].flat() : [];
  const others = [
    ['output.path', output.path],
    ['output.minifiedPath', output.minifiedPath],
    ...reads.map((path) => ['nixpkgs.path', path] as const),
    ...(nixpkgs.references === null ? [] : [['nixpkgs.references', nixpkgs.references] as const]),
  ] as const;
  const hit = others.find(([, path]) => overlaps(resolve(dependencyPath), resolve(path), sep));
  if (hit === undefined) return [];
  const [key, path] = hit;
  const message = `"${dependencyPath}" and ${key} ("${path}") are the same or lie in one another`;
  return [{ keys: ['output.dependencyPath', key], message }];
}

/** Buckets and keys go together, and no prefix lies in another one. */
export function s3Rules({ s3, layer, embedding }: Config): Violation[] {
  const keys = { 's3.dataKey': s3.dataKey, 's3.minifiedKey': s3.minifiedKey };
  const all = Object.entries({ ...keys, 's3.dependencyKey': s3.dependencyKey, 'layer.key': layer.key });
  const found = all.flatMap(([key, value]) => (value === null ? [] : keyRules(key, value)));
  const missing = missingOf(keys);
  if (s3.bucket !== null && missing.length > 0) {
    const message = `a bucket needs ${missing.join(' and ')}, the ${missing.length === 1 ? 'key' : 'keys'} to publish to`;
    found.push({ keys: ['s3.bucket', ...Object.keys(keys)], message });
  }
  const areas = all.flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
  const { inputBucket, inputPrefix, outputBucket, outputPrefix } = embedding.bedrock;
  if ((inputBucket ?? s3.bucket) === s3.bucket)
    areas.push({ key: 'embedding.bedrock.inputPrefix', value: inputPrefix });
  if ((outputBucket ?? s3.bucket) === s3.bucket)
    areas.push({ key: 'embedding.bedrock.outputPrefix', value: outputPrefix });
  return [...found, ...(s3.bucket === null ? [] : overlapRules(areas))];
}

function keyRules(key: string, value: string): Violation[] {
  const placeholders = [...value.matchAll(/\{([^}]*)\}/g)].filter(([, name]) => name !== 'date' && name !== 'revision');
  const problems = [
    ...placeholders.map(([text]) => `holds ${text}, and only {date} and {revision} are filled in`),
    ...(value.includes('://') ? ['is an address; give the key alone, and the bucket as s3.bucket'] : []),
    ...(/^\/|\/\/|(^|\/)\.{1,2}(\/|$)/.test(value) ? ['has a leading slash, an empty part, "." or ".."'] : []),
  ];
  return problems.slice(0, 1).map((problem) => ({ keys: [key], message: `"${value}" ${problem}` }));
}

function overlapRules(areas: { key: string; value: string }[]): Violation[] {
  return areas.flatMap((first, index) =>
    areas.slice(index + 1).flatMap((second): Violation[] => {
      const jobs = first.key.startsWith('embedding.') && second.key.startsWith('embedding.');
      if (jobs || !overlaps(first.value, second.value, '/')) return [];
      const message = `"${second.value}" and ${first.key} ("${first.value}") are the same or lie in one another`;
      return [{ keys: [second.key, first.key], message }];
    }),
  );
}

function overlaps(a: string, b: string, separator: string): boolean {
  const first = a.endsWith(separator) ? a : a + separator;
  const second = b.endsWith(separator) ? b : b + separator;
  return first.startsWith(second) || second.startsWith(first);
}
