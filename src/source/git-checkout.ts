import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { git } from './git-command.ts';
import { withoutCredentials } from './tree.ts';

/** Trees that stay: the current one and the one before, which a run that was killed may come back to. */
const keptTrees = 2;

/** Fetches one revision, without its history, into a bare repository of the cache. */
export async function fetchRevision(
  repository: string,
  url: string,
  revision: string,
  ctx: StageContext,
): Promise<void> {
  if (!existsSync(repository)) await newRepository(repository, ctx.signal);
  const has = await git(['--git-dir', repository, 'cat-file', '-e', `${revision}^{commit}`], ctx.signal);
  if (has.code === 0) return;
  ctx.report({ type: 'info', message: `Fetching ${revision.slice(0, 12)} of ${withoutCredentials(url)}` });
  const started = performance.now();
  const fetch = ['fetch', '--quiet', '--depth', '1', '--no-tags', '--no-write-fetch-head', '--', url];
  const ref = `refs/fdnix/${revision}`;
  const { code, stderr } = await git(['--git-dir', repository, ...fetch, `${revision}:${ref}`], ctx.signal);
  if (code !== 0) {
    const said = withoutCredentials(stderr).trim().split('\n').slice(-5).join('\n  ');
    throw new KnownError(
      `${withoutCredentials(url)}: revision ${revision} cannot be fetched:\n  ${said}\n` +
        'Check that the revision exists there, that the server hands out single revisions, and that the disk has room (git needs about 1 GB for nixpkgs).',
    );
  }
  ctx.report({ type: 'step', task: 'fetch', seconds: (performance.now() - started) / 1000, counts: {} });
}

async function newRepository(repository: string, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(repository), { recursive: true });
  const unfinished = `${repository}.new-${process.pid}`;
  const { code, stderr } = await git(['init', '--quiet', '--bare', unfinished], signal);
  if (code !== 0) throw new KnownError(`git cannot make a repository in ${dirname(repository)}: ${stderr.trim()}`);
  // Another process may have been first.
  await rename(unfinished, repository).catch(() => rm(unfinished, { recursive: true, force: true }));
}

/** Writes a revision's files to a directory, which appears whole or not at all, and removes trees of older revisions. */
export async function checkOut(repository: string, revision: string, tree: string, ctx: StageContext): Promise<void> {
  const unfinished = `${tree}.new-${process.pid}`;
  const index = `${unfinished}.index`;
  const options = ['-c', 'core.autocrlf=false', '-c', 'core.symlinks=true', '--git-dir', repository];
  await mkdir(unfinished, { recursive: true });
  try {
    const { code, stderr } = await git(
      [...options, '--work-tree', unfinished, 'checkout', '--quiet', '--force', revision, '--', '.'],
      ctx.signal,
      { GIT_INDEX_FILE: index },
    );
    if (code !== 0) throw new KnownError(`The files of ${revision} cannot be written to ${tree}: ${stderr.trim()}`);
    await rename(unfinished, tree);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(index, { force: true });
  }
  await removeOldTrees(dirname(tree), basename(tree));
}

async function removeOldTrees(directory: string, current: string): Promise<void> {
  await utimes(join(directory, current), new Date(), new Date());
  const trees = await Promise.all(
    (await readdir(directory))
      .filter((name) => /^[0-9a-f]{40}$/.test(name) && name !== current)
      .map(async (name) => ({ path: join(directory, name), modified: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = trees.toSorted((a, b) => b.modified - a.modified).slice(keptTrees - 1);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
