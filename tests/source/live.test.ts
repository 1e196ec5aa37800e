import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/config.generated.ts';
import type { ReportEvent, StageContext } from '../../src/report/event.ts';
import type { Located } from '../../src/source/located.ts';
import { locate, type LiveSource } from '../../src/source/live.ts';
import { collectReferences } from '../../src/source/references.ts';
import { temporaryDirectory } from '../support/directory.ts';

const miniNixpkgs = fileURLToPath(new URL('../fixtures/mini-nixpkgs', import.meta.url));

function context(events: ReportEvent[] = []): StageContext {
  return { signal: new AbortController().signal, report: (event) => void events.push(event) };
}

function nixpkgs(
  more: Partial<Config['nixpkgs']> & { source: LiveSource },
): Config['nixpkgs'] & { source: LiveSource } {
  const nothing = { url: null, path: null, references: null, revision: null };
  return { ...nothing, ref: 'release-26.05', systems: [], overlays: [], config: {}, flakeOutput: 'auto', ...more };
}

function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', ['-C', directory, ...identity, ...args], { encoding: 'utf8' }).trim();
}

/** A repository with the small package set on branch release-26.05 and an annotated tag. */
async function repository(t: TestContext): Promise<{ work: string; cache: string; revision: () => string }> {
  const directory = await temporaryDirectory(t);
  const work = join(directory, 'nixpkgs');
  cpSync(miniNixpkgs, work, { recursive: true });
  git(directory, 'init', '--quiet', work);
  git(work, 'checkout', '--quiet', '-b', 'release-26.05');
  git(work, 'add', '.');
  git(work, 'commit', '--quiet', '-m', 'first');
  git(work, 'tag', '-a', 'v1', '-m', 'one');
  return { work, cache: join(directory, 'cache'), revision: () => git(work, 'rev-parse', 'HEAD') };
}

async function treesIn(cache: string): Promise<string[]> {
  return (await readdir(join(cache, 'trees'))).filter((name) => !/^(used-|lock)/.test(name));
}

describe('source git', { concurrency: 3 }, () => {
  it('asks for the revision alone, and fetches it whole when told to', async (t) => {
    const { work, cache, revision } = await repository(t);
    const config = nixpkgs({ source: 'git', url: work });
    const located = await locate(config, cache, context());
    assert.equal(located.revision, revision());
    await assert.rejects(readdir(cache), 'nothing is fetched by asking');

    const target = await located.fetch();
    assert.equal(target.revision, revision());
    assert.match(target.nixpkgsVersion ?? '', new RegExp(`^26\\.11\\.\\d{8}\\.${revision().slice(0, 7)}$`));
    const hello = 'pkgs/by-name/he/hello/package.nix';
    assert.deepEqual(await readFile(join(target.tree ?? '', hello)), await readFile(join(miniNixpkgs, hello)));
    assert.deepEqual(await treesIn(cache), [revision()], 'no index and no half of a tree is left');
    assert.equal((await locate(config, cache, context())).key, located.key);
  });

  it('knows when a branch has moved, and keeps no more than two trees', async (t) => {
    const { work, cache, revision } = await repository(t);
    const config = nixpkgs({ source: 'git', url: work });
    const keys = new Set<string>();
    for (const round of ['a', 'b', 'c']) {
      await writeFile(join(work, 'round'), round);
      git(work, 'add', '.');
      git(work, 'commit', '--quiet', '-m', round);
      const located = await locate(config, cache, context());
      keys.add(located.key);
      await located.fetch();
    }
    assert.equal(keys.size, 3);
    const trees = await treesIn(cache);
    assert.equal(trees.length, 2);
    assert.ok(trees.includes(revision()));
    const [repositoryName = ''] = await readdir(join(cache, 'git'));
    const refs = git(join(cache, 'git', repositoryName), 'for-each-ref', '--format=%(refname:lstrip=2)').split('\n');
    assert.deepEqual(refs.toSorted(), trees.toSorted(), 'what has no tree is not kept in the repository either');
  });

  it('leaves a tree alone that another process reads', async (t) => {
    const { work, cache, revision } = await repository(t);
    const config = nixpkgs({ source: 'git', url: work });
    const first = await (await locate(config, cache, context())).fetch();
    const reader = spawn('sleep', ['60']);
    t.after(() => reader.kill());
    await writeFile(join(cache, 'trees', `used-${reader.pid}`), revision());
    const next = async (content: string): Promise<string[]> => {
      await writeFile(join(work, 'round'), content);
      git(work, 'add', '.');
      git(work, 'commit', '--quiet', '-m', content);
      await (await locate(config, cache, context())).fetch();
      return treesIn(cache);
    };
    for (const content of ['a', 'b', 'c']) await next(content);
    assert.ok((await treesIn(cache)).includes(first.revision ?? ''), 'it is still read');
    reader.kill();
    await once(reader, 'exit');
    assert.ok(!(await next('d')).includes(first.revision ?? ''), 'nobody reads it any more');
  });

  it('fetches once for several runs at the same time', async (t) => {
    const { work, cache, revision } = await repository(t);
    const events: ReportEvent[] = [];
    const fetch = async (): Promise<string | null> => {
      const located = await locate(nixpkgs({ source: 'git', url: work }), cache, context(events));
      return (await located.fetch()).revision;
    };
    assert.deepEqual(await Promise.all([fetch(), fetch(), fetch()]), [revision(), revision(), revision()]);
    assert.deepEqual(await treesIn(cache), [revision()]);
    assert.equal(events.filter((event) => event.type === 'step' && event.task === 'fetch').length, 1);
  });

  it('gets over what a run that was killed left half-done', async (t) => {
    const { work, cache, revision } = await repository(t);
    const config = nixpkgs({ source: 'git', url: work });
    await (await locate(config, cache, context())).fetch();
    const [repositoryName = ''] = await readdir(join(cache, 'git'));
    await writeFile(join(cache, 'git', repositoryName, 'shallow.lock'), '');
    const gone = spawnSync('true').pid;
    await mkdir(join(cache, 'trees', `${'1'.repeat(40)}.new-${gone}`, 'pkgs'), { recursive: true });
    await writeFile(join(cache, 'trees', `${'1'.repeat(40)}.new-${gone}.index`), '');
    await writeFile(join(work, 'next'), 'next');
    git(work, 'add', '.');
    git(work, 'commit', '--quiet', '-m', 'next');
    await (await locate(config, cache, context())).fetch();
    const left = (await readdir(join(cache, 'trees'))).filter((name) => name.startsWith('1'.repeat(40)));
    assert.deepEqual([left, (await treesIn(cache)).includes(revision())], [[], true]);
  });

  it('gets over what was left by a run that had the same process id, as in a container', async (t) => {
    const { work, cache, revision } = await repository(t);
    const trees = join(cache, 'trees');
    const half = join(trees, `${revision()}.new-${process.pid}`);
    const removed = join(trees, `${'1'.repeat(40)}.new-${process.pid}`);
    for (const directory of [half, removed]) await mkdir(join(directory, 'pkgs'), { recursive: true });
    for (const suffix of ['.index', '.index.lock']) await writeFile(half + suffix, '');
    await (await locate(nixpkgs({ source: 'git', url: work }), cache, context())).fetch();
    assert.deepEqual(await treesIn(cache), [revision()]);
  });

  it('names the setting where the cache cannot be written', async (t) => {
    const { work } = await repository(t);
    const located = await locate(nixpkgs({ source: 'git', url: work }), '/dev/null/cache', context());
    await assert.rejects(
      located.fetch(),
      /^KnownError: \/dev\/null\/cache\/trees cannot be written \(ENOTDIR\)\. Set cache/,
    );
  });

  it('does not wait for ever for a server that says nothing', async (t) => {
    const { cache } = await repository(t);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => (sockets.forEach((socket) => socket.destroy()), server.close()));
    const { port } = server.address() as AddressInfo;
    process.env['GIT_HTTP_LOW_SPEED_TIME'] = '1';
    t.after(() => delete process.env['GIT_HTTP_LOW_SPEED_TIME']);
    const silent = nixpkgs({ source: 'git', url: `http://127.0.0.1:${port}/nixpkgs.git` });
    const signal = AbortSignal.timeout(20_000);
    await assert.rejects(locate(silent, cache, { ...context(), signal }), /cannot be read:\n {2}fatal: .*too slow/i);
  });

  it('takes tags and full revisions', async (t) => {
    const { work, cache, revision } = await repository(t);
    const tag = await locate(nixpkgs({ source: 'git', url: work, ref: 'v1' }), cache, context());
    assert.equal(tag.revision, revision(), 'an annotated tag is its commit');
    const full = await locate(nixpkgs({ source: 'git', url: work, ref: revision() }), cache, context());
    assert.equal((await full.fetch()).revision, revision());
  });

  it('says which names there are where one is not', async (t) => {
    const { work, cache, revision } = await repository(t);
    await assert.rejects(
      locate(nixpkgs({ source: 'git', url: work, ref: 'release-99.11' }), cache, context()),
      /nixpkgs\.ref: .* neither a branch nor a tag called release-99\.11\. There are, for instance: release-26\.05\./,
    );
    await assert.rejects(
      locate(nixpkgs({ source: 'git', url: work, ref: 'abcdef123' }), cache, context()),
      /shortened revision/,
    );
    const wanted = { source: 'git', url: work, ref: 'v1' } as const;
    await assert.rejects(
      locate(nixpkgs({ ...wanted, revision: 'abcdef123' }), cache, context()),
      /^UsageError: nixpkgs\.revision: abcdef123 looks like a shortened revision/,
    );
    const named = await locate(nixpkgs({ ...wanted, revision: revision() }), cache, context());
    assert.ok(!named.origin.includes('v1'), named.origin);
  });

  it('says what cannot be reached, and what to do without a network', async (t) => {
    const { cache, work } = await repository(t);
    const refused = nixpkgs({ source: 'git', url: 'http://127.0.0.1:9/nixpkgs.git' });
    await assert.rejects(
      locate(refused, cache, context()),
      /nixpkgs\.url: http:.*cannot be read:\n {2}fatal: [^]*source: path/,
    );
    const secret = nixpkgs({ source: 'git', url: 'http://user:s3cret@127.0.0.1:9/nixpkgs.git' });
    await assert.rejects(locate(secret, cache, context()), (error: Error) => !error.message.includes('s3cret'));
    const gone = await locate(nixpkgs({ source: 'git', url: work, ref: '0'.repeat(40) }), cache, context());
    await assert.rejects(gone.fetch(), /revision 0{40} cannot be fetched/);
  });
});

async function keyOf(more: Partial<Omit<Config['nixpkgs'], 'source'>>): Promise<string> {
  return (await locate(nixpkgs({ source: 'path', path: miniNixpkgs, ...more }), '/nowhere', context())).key;
}

describe('source path', { concurrency: 3 }, () => {
  it('takes the revision of a clean checkout, and notices every change of another tree', async (t) => {
    const { work, cache, revision } = await repository(t);
    const find = (): Promise<Located> => locate(nixpkgs({ source: 'path', path: work }), cache, context());
    const clean = await find();
    assert.equal(clean.revision, revision());
    assert.equal((await clean.fetch()).tree, work);
    const file = join(work, 'pkgs/top-level/all-packages.nix');
    await appendFile(file, '# changed\n');
    const dirty = await find();
    assert.equal(dirty.revision, `${revision()}-dirty`);
    assert.notEqual(dirty.key, clean.key);
    await appendFile(file, '# again\n');
    assert.notEqual((await find()).key, dirty.key);
  });

  it('only looks at a checkout, and sees files that git does not know, whatever its configuration hides', async (t) => {
    const { work, cache, revision } = await repository(t);
    const find = (): Promise<Located> => locate(nixpkgs({ source: 'path', path: work }), cache, context());
    // What git would note down in its index.
    await utimes(join(work, 'default.nix'), new Date(), new Date(Date.now() - 60_000));
    const index = await readFile(join(work, '.git/index'));
    assert.equal((await find()).revision, revision());
    assert.deepEqual(await readFile(join(work, '.git/index')), index, 'the index is as it was');
    git(work, 'config', 'status.showUntrackedFiles', 'no');
    await writeFile(join(work, 'new.nix'), '{ }');
    assert.equal((await find()).revision, `${revision()}-dirty`);
  });

  it('changes its key with the overlays and the config of the user', async (t) => {
    const overlay = join(await temporaryDirectory(t, { 'overlay.nix': 'self: super: { }' }), 'overlay.nix');
    const plain = await keyOf({});
    const withOverlay = await keyOf({ overlays: [overlay] });
    await writeFile(overlay, 'self: super: { another = super.hello; }');
    const keys = [
      plain,
      withOverlay,
      await keyOf({ overlays: [overlay] }),
      await keyOf({ config: { cudaSupport: true } }),
    ];
    assert.equal(new Set(keys).size, 4);
    assert.equal(await keyOf({}), plain);
  });

  it('looks through links to overlays, and says what a directory of them lacks', async (t) => {
    const directory = await temporaryDirectory(t, {
      'real.nix': 'self: super: { }',
    });
    await mkdir(join(directory, 'several'));
    const overlay = join(directory, 'overlay.nix');
    await symlink('real.nix', overlay);
    const before = await keyOf({ overlays: [overlay] });
    await writeFile(join(directory, 'real.nix'), 'self: super: { another = super.hello; }');
    assert.notEqual(await keyOf({ overlays: [overlay] }), before);
    await assert.rejects(
      keyOf({ overlays: [join(directory, 'several')] }),
      /several has no default\.nix\. Name the Nix files/,
    );
  });

  it('refuses what is no nixpkgs tree', async (t) => {
    const directory = await temporaryDirectory(t);
    await mkdir(join(directory, 'lib'));
    const find = (path: string | string[] | null): Promise<Located> =>
      locate(nixpkgs({ source: 'path', path }), directory, context());
    await assert.rejects(
      find(directory),
      /is no nixpkgs tree, default\.nix and pkgs\/top-level\/default\.nix are not in it/,
    );
    await assert.rejects(find(join(directory, 'nothing')), /does not exist/);
    await assert.rejects(find(null), /takes one nixpkgs tree, found none/);
    await assert.rejects(find(['a', 'b']), /found 2/);
    const missing = nixpkgs({ source: 'path', path: miniNixpkgs, overlays: ['/no/overlay.nix'] });
    await assert.rejects(locate(missing, directory, context()), /nixpkgs\.overlays: \/no\/overlay\.nix does not exist/);
  });
});

describe('references', () => {
  it('count files, not occurrences, and every way to name a package', async () => {
    const found = await collectReferences(miniNixpkgs, context());
    assert.deepEqual(found, {
      curl: { modules: 1, tests: 1 },
      hello: { modules: 1, tests: 1 },
      openssl: { modules: 2, tests: 0 },
      other: { modules: 1, tests: 0 },
      pythonPackages: { modules: 1, tests: 0 },
    });
  });

  it('leave out what cannot be read, and say so', async (t) => {
    const tree = await temporaryDirectory(t);
    await mkdir(join(tree, 'nixos/modules'), { recursive: true });
    await writeFile(join(tree, 'nixos/modules/a.nix'), 'pkgs.hello');
    await writeFile(join(tree, 'nixos/tests'), 'no directory');
    const huge = join(tree, 'nixos/modules/huge.nix');
    await writeFile(huge, '');
    await truncate(huge, 3 * 2 ** 30);
    const events: ReportEvent[] = [];
    assert.deepEqual(await collectReferences(tree, context(events)), { hello: { modules: 1, tests: 0 } });
    const warnings = events.flatMap((event) => (event.type === 'warning' ? event.message : []));
    assert.match(
      warnings.join('\n'),
      /1 of .*modules cannot be read .*huge\.nix: [^]*\n.*1 of .*tests cannot .*ENOTDIR/,
    );
  });

  it('of a tree without NixOS are none', async (t) => {
    assert.deepEqual(await collectReferences(await temporaryDirectory(t), context()), {});
  });
});
