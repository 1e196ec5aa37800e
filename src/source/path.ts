import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import { UsageError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { fingerprint } from './fingerprint.ts';
import { git } from './git-command.ts';
import type { Located } from './located.ts';
import { checkNixpkgs, customization, digest, targetOfTree, textOf, type RevisionInfo } from './tree.ts';

/** A nixpkgs tree on this machine: a checkout, an unpacked channel, a path of the Nix store. */
export async function locatePath(config: Config['nixpkgs'], ctx: StageContext): Promise<Located> {
  const [path, ...more] = [config.path ?? []].flat();
  if (path === undefined || more.length > 0) {
    throw new UsageError(
      `nixpkgs.path: \`nixpkgs.source: path\` takes one nixpkgs tree, found ${more.length === 0 ? 'none' : more.length + 1}.`,
    );
  }
  checkNixpkgs(resolve(path), 'nixpkgs.path');
  const tree = await realpath(resolve(path));
  const custom = await customization(config, ctx.signal);
  const state = await stateOf(tree, ctx.signal);
  const info = { ...state, revision: config.revision ?? state.revision };
  const key = digest(['path', tree, state.content, info.revision, custom.key]);
  return {
    origin: tree,
    key,
    revision: info.revision,
    fetch: () => targetOfTree(tree, info, custom, key),
  };
}

/** What a tree says of its revision, and something that changes when its content does. */
async function stateOf(tree: string, signal: AbortSignal): Promise<RevisionInfo & { content: string }> {
  // Paths of the store never change.
  if (/^\/nix\/store\/[a-z0-9]{32}-/.test(tree)) return { ...(await recorded(tree)), content: tree };
  const inTree = ['-c', `safe.directory=${tree}`, '-C', tree];
  const top = await git([...inTree, 'rev-parse', '--show-toplevel'], signal).catch(() => null);
  if (top?.code !== 0 || (await realpath(top.stdout.trim())) !== tree) {
    return { ...(await recorded(tree)), content: await fingerprint(tree, signal) };
  }
  const head = await git([...inTree, 'show', '-s', '--format=%H %ct', 'HEAD'], signal);
  const [revision, committed] = head.stdout.trim().split(' ');
  const status = await git([...inTree, 'status', '--porcelain', '--untracked-files=normal'], signal);
  if (head.code !== 0 || revision === undefined || status.code !== 0) {
    return { ...(await recorded(tree)), content: await fingerprint(tree, signal) };
  }
  const clean = status.stdout.trim() === '';
  return {
    revision: clean ? revision : `${revision}-dirty`,
    committed: Number(committed),
    content: clean ? revision : await fingerprint(tree, signal),
  };
}

/** Unpacked channels carry their revision in a file. */
async function recorded(tree: string): Promise<RevisionInfo> {
  const revision = await textOf(join(tree, '.git-revision'));
  return { revision: revision === '' ? null : revision, committed: null };
}
