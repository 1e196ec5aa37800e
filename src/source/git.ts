import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import { KnownError, UsageError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { checkOut, fetchRevision, forgetRevisions } from './git-checkout.ts';
import { git } from './git-command.ts';
import type { Located } from './located.ts';
import { removeOldTrees, useTree, withTrees } from './tree-cache.ts';
import { customization, digest, targetOfTree, withoutCredentials } from './tree.ts';

const defaultUrl = 'https://github.com/NixOS/nixpkgs.git';

/** Asks a git server which revision a branch or tag is at; a full revision needs no question. */
export async function locateGit(
  config: Config['nixpkgs'],
  cacheDirectory: string,
  ctx: StageContext,
): Promise<Located> {
  // A path works as well, and is not relative to wherever git runs.
  const url = config.url ?? defaultUrl;
  const custom = await customization(config, ctx.signal);
  const [ref, setting] = config.revision === null ? [config.ref, 'nixpkgs.ref'] : [config.revision, 'nixpkgs.revision'];
  const revision = await resolveRevision(url, ref, setting, ctx);
  const key = digest(['git', revision, custom.key]);
  return {
    origin: `${withoutCredentials(url)} at ${revision.slice(0, 12)} (${ref})`,
    key,
    revision,
    async fetch() {
      const repository = join(cacheDirectory, 'git', createHash('sha256').update(url).digest('hex').slice(0, 20));
      const trees = join(cacheDirectory, 'trees');
      const tree = join(trees, revision);
      await withTrees(trees, ctx, async () => {
        await useTree(trees, revision);
        if (!existsSync(tree)) {
          await fetchRevision(repository, url, revision, ctx);
          await checkOut(repository, revision, tree, ctx);
        }
        await forgetRevisions(repository, await removeOldTrees(trees), ctx.signal);
      });
      const committed = await commitTime(repository, revision, ctx.signal);
      return targetOfTree(tree, { revision, committed }, custom, key);
    },
  };
}

/** The full revision of a branch, a tag or a revision on a server. */
async function resolveRevision(url: string, ref: string, setting: string, ctx: StageContext): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  if (/^[0-9a-f]{7,39}$/.test(ref)) {
    throw new UsageError(
      `${setting}: ${ref} looks like a shortened revision; a server can only be asked for full ones (40 digits).`,
    );
  }
  const [branch, tag] = [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const { code, stdout, stderr } = await git(['ls-remote', '--', url, branch, tag, `${tag}^{}`], ctx.signal);
  if (code !== 0) throw unreachable(url, stderr);
  const refs = new Map(stdout.split('\n').map((line): [string, string] => [line.slice(41), line.slice(0, 40)]));
  // A branch goes before a tag of the same name; an annotated tag is peeled to its commit.
  const revision = refs.get(branch) ?? refs.get(`${tag}^{}`) ?? refs.get(tag);
  if (revision !== undefined) return revision;
  throw new KnownError(await noSuchRef(url, ref, setting, ctx));
}

function unreachable(url: string, stderr: string): KnownError {
  const said = stderr
    .split('\n')
    .filter((line) => /^(?:fatal|error|ssh): /.test(line))
    .join('\n  ');
  return new KnownError(
    `nixpkgs.url: ${withoutCredentials(url)} cannot be read:\n  ${withoutCredentials(said === '' ? stderr.trim() : said)}\n` +
      'Check the address and the network; without one, use `nixpkgs.source: path` with a tree that is here already.',
  );
}

/** Says which names come close, where the server lists them. */
async function noSuchRef(url: string, ref: string, setting: string, ctx: StageContext): Promise<string> {
  const stem = /^[a-z]+/i.exec(ref)?.[0] ?? ref;
  const { stdout } = await git(['ls-remote', '--', url, `refs/heads/${stem}*`, `refs/tags/${stem}*`], ctx.signal);
  const names = stdout.split('\n').flatMap((line) => /\trefs\/(?:heads|tags)\/([^^]+)$/.exec(line)?.[1] ?? []);
  const close =
    names.length === 0 ? '' : ` There are, for instance: ${names.toSorted().toReversed().slice(0, 5).join(', ')}.`;
  return `${setting}: ${withoutCredentials(url)} has neither a branch nor a tag called ${ref}.${close}`;
}

async function commitTime(repository: string, revision: string, signal: AbortSignal): Promise<number | null> {
  const { code, stdout } = await git(['--git-dir', repository, 'show', '-s', '--format=%ct', revision], signal);
  return code === 0 ? Number(stdout.trim()) : null;
}
