import type { Config } from './config.generated.ts';
import { isBad, parseAssignment } from './assignment.ts';
import type { Assignment } from './assignment.ts';
import { parseConfig } from './document.ts';
import type { ConfigDocument } from './document.ts';
import { ignoredVariables } from './environment.ts';
import type { Environment } from './environment.ts';
import { readConfigFile } from './file.ts';
import type { ConfigFile } from './file.ts';
import { configurationError } from './problem.ts';
import type { Origin, Problem } from './problem.ts';
import { Resolution } from './resolution.ts';
import { quote } from './problem.ts';
import { missingForBatch, resolveProvider } from './provider.ts';

/** A flag of a command that sets a key, such as `--mode`. */
export interface FlagValue {
  flag: string;
  key: string;
  value: unknown;
}

export interface LoadOptions {
  /** The file that `--config` names; without it the working directory is searched. */
  configFile?: string | undefined;
  /** The values of `--set`, in order. */
  sets?: readonly string[];
  flags?: readonly FlagValue[];
  cwd: string;
  env: Environment;
}

export interface LoadedConfig {
  config: Config;
  /** The file that was read, as messages call it, or null. */
  file: string | null;
  /** Where each key's value came from; keys that are not in it have their default. */
  origins: ReadonlyMap<string, Origin>;
  warnings: string[];
}

/** Reads, merges (defaults < file < --set and flags) and checks the configuration; throws one UsageError with all problems. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file = await readConfigFile(options.configFile, options.cwd);
  const resolution = new Resolution();
  if (file !== null) applyFile(resolution, file);
  const problems: Problem[] = [];
  for (const text of options.sets ?? []) applySet(resolution, text, problems);
  for (const { flag, key, value } of options.flags ?? []) {
    resolution.assign({ path: key.split('.'), value }, { kind: 'flag', text: `${flag} ${String(value)}` });
  }
  const warnings = [...ignoredVariables(options.env), ...shadowWarnings(file)];
  const config = resolution.finish(problems);
  return {
    config,
    file: file?.name ?? null,
    origins: resolution.origins,
    warnings: [...warnings, ...idleKeys(config), ...noBatch(config)],
  };
}

function applyFile(resolution: Resolution, file: ConfigFile): void {
  const document = parseConfig(file.text, file.name);
  if (Array.isArray(document)) throw configurationError(document);
  const tree = treeOf(document);
  if (tree === undefined) {
    const message = `expected keys and values, found ${quote(document.tree)}`;
    throw configurationError([{ origin: { kind: 'file', file: file.name, line: 1 }, key: null, message }]);
  }
  resolution.overlay(tree, (pointer) => ({ kind: 'file', file: file.name, line: document.lines.get(pointer) ?? 0 }));
}

function treeOf({ tree }: ConfigDocument): Record<string, unknown> | undefined {
  if (tree === null || tree === undefined) return {};
  if (typeof tree !== 'object' || Array.isArray(tree)) return undefined;
  // `$schema` is how JSON files tell editors what they are.
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name !== '$schema'));
}

function applySet(resolution: Resolution, text: string, problems: Problem[]): void {
  const origin: Origin = { kind: 'set', text };
  const assignment = parseAssignment(text);
  if (isBad(assignment)) problems.push({ origin, ...assignment });
  else resolution.assign(assignment satisfies Assignment, origin);
}

function shadowWarnings(file: ConfigFile | null): string[] {
  return (file?.shadowed ?? []).map((name) => `${name} is not read, because ${file?.name} is there and comes first`);
}

/** Keys that are set and change nothing, which is likely an oversight. */
function idleKeys({ s3 }: Config): string[] {
  if (s3.bucket !== null) return [];
  const set = Object.entries({ dataKey: s3.dataKey, minifiedKey: s3.minifiedKey, dependencyKey: s3.dependencyKey });
  const names = set.filter(([, value]) => value !== null).map(([name]) => `s3.${name}`);
  return names.length === 0
    ? []
    : [`${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'} no effect without s3.bucket`];
}

/** A role without buckets makes no batch jobs: what was meant to be cheap goes on demand. */
function noBatch(config: Config): string[] {
  const { mode, batchPrice, onDemandPrice } = config.embedding.bedrock;
  const missing = missingForBatch(config);
  if (resolveProvider(config) !== 'bedrock' || mode !== 'auto' || missing.length === 0) return [];
  return [
    `no batch jobs can be made without ${missing.join(' and ')}: every text goes on demand, at $${onDemandPrice} for a million tokens ` +
      `and not $${batchPrice}; where that is meant, set embedding.bedrock.mode to onDemand`,
  ];
}
