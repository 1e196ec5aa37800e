import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KnownError } from '../errors.ts';
import type { StageContext } from '../report/event.ts';
import { git } from './git-command.ts';
import { withoutCredentials } from './tree.ts';

/** Fetches one revision, without its history, into a bare repository of the cache. */
export async function fetchRevision(
  repository: string,
  url: string,
  revision: string,
  ctx: StageContext,
): Promise<void> {
  if (!existsSync(repository)) await newRepository(repository, ctx.signal);
  // This process alone is here: whoever made it was killed in the middle of a fetch, and git would refuse for ever.
  await rm(join(repository, 'shallow.lock'), { force: true });
  const has = await git(['--git-dir', repository, 'cat-file', '-e', `${revision}^{commit}`], ctx.signal);
  if (has.code === 0) return;
  ctx.report({ type: 'info', message: `Fetching ${revision.slice(0, 12)} of ${withoutCredentials(url)}` });
  const started = performance.now();
  const fetch = ['fetch', '--quiet', '--depth', '1', '--no-tags', '--no-write-fetch-head', '--', url];
  const ref = `refs/fdnix/${revision}`;
  const { code, stderr } = await git(['--git-dir', repository, ...fetch, `${revision}:${ref}`], ctx.signal, {
    leashed: true,
  });
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
  const unfinished = `${repository}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const { code, stderr } = await git(['init', '--quiet', '--bare', unfinished], signal);
  if (code !== 0) throw new KnownError(`git cannot make a repository in ${dirname(repository)}: ${stderr.trim()}`);
  await rename(unfinished, repository);
}

/** Writes a revision's files to a directory, which appears whole or not at all. */
export async function checkOut(repository: string, revision: string, tree: string, ctx: StageContext): Promise<void> {
  const unfinished = `${tree}.new-${process.pid}`;
  const index = `${unfinished}.index`;
  const options = ['-c', 'core.autocrlf=false', '-c', 'core.symlinks=true', '--git-dir', repository];
  const leftovers = [unfinished, index, `${index}.lock`];
  const clear = async (): Promise<void> => {
    for (const path of leftovers) await rm(path, { recursive: true, force: true });
  };
  // In a container a run that was killed had this process's id, and git would refuse its lock for ever.
  await clear();
  await mkdir(unfinished, { recursive: true });
  try {
    const { code, stderr } = await git(
      [...options, '--work-tree', unfinished, 'checkout', '--quiet', '--force', revision, '--', '.'],
      ctx.signal,
      { environment: { GIT_INDEX_FILE: index }, leashed: true },
    );
    if (code !== 0) throw new KnownError(`The files of ${revision} cannot be written to ${tree}: ${stderr.trim()}`);
    await rename(unfinished, tree);
  } finally {
    await clear();
  }
}

/** Lets go of revisions, so that git drops their objects when it next tidies up. */
export async function forgetRevisions(repository: string, revisions: string[], signal: AbortSignal): Promise<void> {
  for (const revision of revisions) {
    await git(['--git-dir', repository, 'update-ref', '-d', `refs/fdnix/${revision}`], signal);
  }
}
