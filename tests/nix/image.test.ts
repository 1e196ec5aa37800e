import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/directory.ts';

/** nix/image/contents.nix. */
interface Contents {
  uid: number;
  gid: number;
  passwd: string;
  group: string;
  files: Record<string, string>;
  env: Record<string, string>;
  entrypoint: string[];
}

const { FDNIX_IMAGE_CONTENTS: contentsFile, FDNIX_INSTALLED: installed = '', FDNIX_CHROOT: chroot = '' } = process.env;
const contents =
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Nix has printed
  contentsFile === undefined ? undefined : (JSON.parse(readFileSync(contentsFile, 'utf8')) as Contents);
const repository = fileURLToPath(new URL('../..', import.meta.url));
const evaluator =
  existsSync(join(installed, 'tools')) && readdirSync(join(installed, 'tools')).includes('nix-eval-jobs');
const sample = ['--set=nixpkgs.source=jsonl', '--set=nixpkgs.path=/sample/nixpkgs-sample.jsonl'];
const live = ['--set=nixpkgs.source=path', '--set=nixpkgs.path=/mini-nixpkgs', '--set=evaluation.workers=1'];

describe('the image', { skip: contents === undefined && 'no rehearsal of the image' }, () => {
  it('indexes the sample: user 1000, read-only root, no network, and finds in it', async (t) => {
    const image = await prepare(t);
    await image.indexer('run', ...sample);
    const found = JSON.parse((await image.reader('search', 'ripgrep', '--json')).stdout);
    assert.equal(found.hits[0].attribute_path, 'ripgrep');
    assert.deepEqual(
      readdirSync(image.out)
        .filter((name) => !name.startsWith('.'))
        .toSorted(),
      ['fdnix-data.dependencies.json', 'fdnix-data.lancedb', 'fdnix.lancedb'],
    );
  });

  it('runs each phase alone, over what the one before has left in the volume', async (t) => {
    const image = await prepare(t);
    await image.indexer('run', '--mode', 'metadata', ...sample);
    assert.ok(!existsSync(join(image.out, 'fdnix.lancedb')));
    await image.indexer('run', '--mode', 'embedding', '--set=embedding.provider=none');
    await image.indexer('run', '--mode', 'minified');
    assert.ok(existsSync(join(image.out, 'fdnix.lancedb')));
  });

  it('takes a configuration that is mounted over its own', async (t) => {
    const image = await prepare(t);
    await writeFile(
      join(image.etc, 'fdnix/config.yaml'),
      'mode: metadata\nnixpkgs: { source: jsonl, path: /sample/nixpkgs-sample.jsonl }\noutput: { path: /out/other.lancedb }\n',
    );
    await image.indexer('run');
    assert.ok(existsSync(join(image.out, 'other.lancedb')));
  });

  it('runs as another user, into a directory of theirs', async (t) => {
    const image = await prepare(t, 4321);
    assert.equal((await image.run('/usr/bin/id', '-u')).stdout, '4321\n');
    await image.indexer('run', ...(evaluator ? live : sample));
    const found = JSON.parse((await image.reader('search', 'hello', '--json')).stdout);
    assert.equal(found.hits[0].attribute_path, 'hello');
  });

  it('can write to /out and /tmp, and nowhere else, and sees no network', async (t) => {
    const image = await prepare(t);
    const script =
      'id -u; for d in / /etc /bin /nix /nix/store /usr; do touch "$d/x" 2>/dev/null && echo "$d"; done; touch /out/x /tmp/x; grep -c : /proc/net/dev';
    assert.equal((await image.run('/usr/bin/sh', '-c', `PATH=/usr/bin; ${script}`)).stdout, '1000\n1\n');
  });

  it('evaluates a package set', { skip: !evaluator && 'no nix-eval-jobs at hand' }, async (t) => {
    const image = await prepare(t);
    await image.indexer('run', ...live);
    const found = JSON.parse((await image.indexer('search', 'hello', '--json')).stdout);
    assert.equal(found.hits[0].attribute_path, 'hello');
  });
});

interface Image {
  /** Where the container's /etc and /out are. */
  etc: string;
  out: string;
  run: (...command: string[]) => Promise<{ stdout: string; stderr: string }>;
  indexer: (...args: string[]) => Promise<{ stdout: string; stderr: string }>;
  /** The same with a volume that cannot be written. */
  reader: (...args: string[]) => Promise<{ stdout: string; stderr: string }>;
}

/** A container with an empty volume, run as the image's user or as another one. */
async function prepare(t: TestContext, user?: number): Promise<Image> {
  assert.ok(contents !== undefined);
  const { files, env, entrypoint } = contents;
  const { uid, gid } = user === undefined ? contents : { uid: user, gid: user };
  const directory = await temporaryDirectory(t);
  const [etc, bin, out] = ['etc', 'bin', 'out'].map((name) => join(directory, name));
  assert.ok(etc !== undefined && bin !== undefined && out !== undefined);
  for (const path of [etc, bin, out]) await mkdir(path);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  await writeFile(join(etc, 'passwd'), `root:x:0:0:root:/var/empty:/bin/sh\n${contents.passwd}\n`);
  await writeFile(join(etc, 'group'), `root:x:0:\n${contents.group}\n`);
  await cp(join(chroot, 'etc/ssl/certs'), join(etc, 'ssl/certs'), { recursive: true, verbatimSymlinks: true });
  await symlink('/usr/bin/sh', join(bin, 'sh'));
  await symlink(join(installed, 'bin/fdnix-indexer'), join(bin, 'fdnix-indexer'));
  await chown(out, uid, gid);
  await chmod(directory, 0o755);

  const args = [
    `--unshare-all --uid ${uid} --gid ${gid} --die-with-parent --clearenv`.split(' '),
    Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    readOnly(join(chroot, 'usr'), '/usr'),
    readOnly(join(chroot, 'opt'), '/opt'),
    '--symlink usr/lib /lib --symlink usr/lib64 /lib64'.split(' '),
    readOnly(bin, '/bin'),
    readOnly(etc, '/etc'),
    readOnly(installed, installed),
    readOnly(join(repository, 'sample'), '/sample'),
    readOnly(join(repository, 'tests/fixtures/mini-nixpkgs'), '/mini-nixpkgs'),
    `--dir /nix/store --dir /nix/var/nix --bind ${out} /out --perms 1777 --tmpfs /tmp`.split(' '),
    '--proc /proc --dev /dev --chdir / --remount-ro /'.split(' '),
  ].flat();
  const execute = promisify(execFile);
  const asUser = `--reuid ${uid} --regid ${gid} --clear-groups bwrap`.split(' ');
  const run: Image['run'] = (...command) =>
    execute('setpriv', [...asUser, ...args, ...command], { maxBuffer: 2 ** 24 });
  const readOnlyOut = args.map((word) => (word === '--bind' ? '--ro-bind' : word));
  return {
    etc,
    out,
    run,
    indexer: (...more) => run(...entrypoint, ...more),
    reader: (...more) => execute('setpriv', [...asUser, ...readOnlyOut, ...entrypoint, ...more]),
  };
}

function readOnly(from: string, to: string): string[] {
  return ['--ro-bind', from, to];
}
