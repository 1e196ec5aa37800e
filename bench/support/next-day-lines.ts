/** Writes the next day's lines as the plan has them. */
import { storeHash } from '../../scripts/store-hash.ts';
import type { RawJob, RawMeta } from '../../src/model.ts';
import { nextStorePath, type Plan } from './next-day-plan.ts';
import { nextVersion, replaceVersion } from './next-version.ts';

const derivationPaths = /\/nix\/store\/[0-9a-z]{32}-[^"\\/\s]+?\.drv(?=["\\\s]|$)/g;

function bump(job: RawJob): void {
  const { extraValue, meta } = job;
  const version = extraValue?.version;
  const next = version ? nextVersion(version) : null;
  if (!extraValue || !version || next === null) return;
  extraValue.version = next;
  if (job.name) job.name = replaceVersion(job.name, version, next);
  if (!meta) return;
  if (meta.name) meta.name = replaceVersion(meta.name, version, next);
  if (meta.version === version) meta.version = next;
  if (typeof meta.changelog === 'string') meta.changelog = replaceVersion(meta.changelog, version, next);
}

function rebuildOutputs(job: RawJob, seed: number, version: string | null): void {
  for (const [output, path] of Object.entries(job.outputs ?? {})) {
    if (job.outputs && path) job.outputs[output] = nextStorePath(path, seed, version);
  }
}

/** The meta of a package that was not there before, made from the meta of another. */
function addedMeta(meta: RawMeta, name: string, attr: string): RawMeta {
  const tree = /^.*?-source\//.exec(meta.position ?? '')?.[0] ?? '';
  const position = `${tree}pkgs/by-name/${attr.slice(0, 2)}/${attr}/package.nix:1`;
  const description = meta.description ? { description: `${meta.description}, packaged anew` } : {};
  return { ...meta, ...description, name, position };
}

/** A package that was not there before: what `job` is, under another name and with another derivation. */
function addedFrom(job: RawJob, attr: string, seed: number): RawJob {
  const suffix = attr.slice(job.attr.length);
  const path = job.attrPath ?? [job.attr];
  const name = `${job.name}${suffix}`;
  const pname = job.extraValue?.pname;
  const outputs = Object.keys(job.outputs ?? {}).map((output) => {
    return [output, `/nix/store/${storeHash(`${seed}:${output}:${attr}`)}-${name}`];
  });
  return {
    ...job,
    attr,
    attrPath: [...path.slice(0, -1), `${path.at(-1)}${suffix}`],
    drvPath: `/nix/store/${storeHash(`${seed}:added:${attr}`)}-${name}.drv`,
    name,
    outputs: Object.fromEntries(outputs),
    ...(job.extraValue && pname ? { extraValue: { ...job.extraValue, pname: pname + suffix } } : {}),
    ...(job.meta ? { meta: addedMeta(job.meta, name, attr) } : {}),
  };
}

/** What a package is on the next day, its description apart; `job` has its new paths already. */
function rebuilt(job: RawJob, plan: Plan, seed: number): RawJob {
  const isBumped = plan.bumped.has(job.attr);
  if (isBumped || plan.rebuilt.has(job.attr)) {
    rebuildOutputs(job, seed, isBumped ? (job.extraValue?.version ?? null) : null);
  }
  if (isBumped) bump(job);
  return job;
}

function described(job: RawJob, plan: Plan): RawJob {
  if (plan.described.has(job.attr) && job.meta?.description) job.meta.description += ' (revised)';
  return job;
}

/** The lines that stand for one line on the next day: none, itself, an added one, or both. */
export function nextLines(line: string, plan: Plan, seed: number): string[] {
  const renamed = line.replace(derivationPaths, (path) => plan.paths.get(path) ?? path);
  const job: RawJob = JSON.parse(renamed);
  const { attr } = job;
  const newAttr = plan.added.get(attr);
  const changes = plan.bumped.has(attr) || plan.rebuilt.has(attr) || plan.described.has(attr);
  if (newAttr === undefined && !changes) return plan.removed.has(attr) ? [] : [renamed];
  const next = rebuilt(job, plan, seed);
  const added = newAttr === undefined ? [] : [JSON.stringify(addedFrom(next, newAttr, seed))];
  if (plan.removed.has(attr)) return added;
  return [changes ? JSON.stringify(described(next, plan)) : renamed, ...added];
}
