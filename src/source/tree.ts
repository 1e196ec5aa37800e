import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import { UsageError } from '../errors.ts';
import type { EvaluationTarget } from '../model.ts';
import { fingerprint } from './fingerprint.ts';

/** Refuses a directory that does not look like nixpkgs, before an evaluator says so in its own words. */
export function checkNixpkgs(tree: string, setting: string): void {
  if (!existsSync(tree))
    throw new UsageError(`${setting}: ${tree} does not exist. Name the directory of a nixpkgs tree.`);
  const missing = ['default.nix', 'lib', 'pkgs/top-level/default.nix'].filter((path) => !existsSync(join(tree, path)));
  if (missing.length === 0) return;
  throw new UsageError(
    `${setting}: ${tree} is no nixpkgs tree, ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not in it. ` +
      'Name the top directory of a nixpkgs checkout; for another package set use `nixpkgs.source: flake`.',
  );
}

/** True where a directory holds nixpkgs. */
export function isNixpkgs(tree: string): boolean {
  return existsSync(join(tree, 'pkgs/top-level/default.nix')) && existsSync(join(tree, 'lib/default.nix'));
}

/** When a revision was made and what it is called, as far as that is known. */
export interface RevisionInfo {
  revision: string | null;
  /** Seconds since 1970. */
  committed: number | null;
}

/**
 * The version of a tree as nixpkgs' own flake would say it, `26.05.20260819.b18a4b9`; a channel's tree brings its suffix
 * along in a file.
 */
async function nixpkgsVersion(tree: string, info: RevisionInfo): Promise<string | null> {
  const release = (await textOf(join(tree, 'lib/.version'))) ?? (await textOf(join(tree, '.version')));
  if (release === null) return null;
  const suffix = await textOf(join(tree, '.version-suffix'));
  if (suffix !== null) return release + suffix;
  if (info.revision === null) return release;
  const date = info.committed === null ? '' : `.${day(info.committed)}`;
  return `${release}${date}.${info.revision.slice(0, 7)}`;
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10).replaceAll('-', '');
}

/** The first line of a small file, or null where there is none. */
export async function textOf(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}

/** The user's part of a package set: what is put on top of the tree. */
export interface Customization {
  overlays: string[];
  config: Record<string, unknown>;
  /** Changes when any of it does. */
  key: string;
}

/** Reads what the user puts on top of a tree; overlays are Nix files or directories with a default.nix. */
export async function customization(config: Config['nixpkgs'], signal: AbortSignal): Promise<Customization> {
  const overlays = config.overlays.map((path) => resolve(path));
  for (const path of overlays) {
    if (!existsSync(path))
      throw new UsageError(`nixpkgs.overlays: ${path} does not exist. Name Nix files with overlays.`);
    if (statSync(path).isDirectory() && !existsSync(join(path, 'default.nix')))
      throw new UsageError(`nixpkgs.overlays: ${path} has no default.nix. Name the Nix files in it one by one.`);
  }
  const prints = await Promise.all(overlays.map(async (path) => fingerprint(await realpath(path), signal)));
  return { overlays, config: config.config, key: digest([overlays, prints, config.config]) };
}

/** An address without the credentials that may be in it, whose password may hold an `@`: it is shown, logged and recorded. */
export function withoutCredentials(address: string): string {
  return address.replaceAll(/:\/\/[^/?#\s]*@/g, '://');
}

/** A short name for anything that can be written as JSON. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** The target that a tree makes with the user's part on top. */
export async function targetOfTree(
  tree: string,
  info: RevisionInfo,
  custom: Customization,
  key: string,
): Promise<EvaluationTarget> {
  const { overlays, config } = custom;
  return {
    tree,
    request: { tree, overlays, config },
    revision: info.revision,
    nixpkgsVersion: await nixpkgsVersion(tree, info),
    key,
  };
}
