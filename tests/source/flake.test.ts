import assert from 'node:assert/strict';
import { cp, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/config.generated.ts';
import type { ReportEvent } from '../../src/report/event.ts';
import { locateFlake } from '../../src/source/flake.ts';
import type { Located } from '../../src/source/located.ts';
import { temporaryDirectory } from '../support/directory.ts';

const miniNixpkgs = fileURLToPath(new URL('../fixtures/mini-nixpkgs', import.meta.url));
const rev = 'a'.repeat(40);

interface FakeNix {
  directory: string;
  events: ReportEvent[];
  locate: (more?: Partial<Config['nixpkgs']>) => Promise<Located>;
}

/** A `nix` on PATH that answers `flake metadata` with this, or fails as told. */
async function fakeNix(t: TestContext, answer: Record<string, unknown> | { says: string }): Promise<FakeNix> {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'answer.json'), JSON.stringify(answer));
  const script = 'says' in answer ? `echo '${String(answer.says)}' >&2; exit 1` : `cat '${directory}/answer.json'`;
  await writeFile(join(directory, 'nix'), `#!/bin/sh\n${script}\n`);
  await chmod(join(directory, 'nix'), 0o755);
  setVariable(t, 'PATH', `${directory}:${process.env['PATH'] ?? ''}`);
  const events: ReportEvent[] = [];
  const context = { signal: new AbortController().signal, report: (event: ReportEvent) => void events.push(event) };
  const nothing = { path: null, references: null, revision: null, ref: '', systems: [], overlays: [], config: {} };
  return {
    directory,
    events,
    locate: (more = {}) =>
      locateFlake(
        { ...nothing, source: 'flake', url: 'github:a/b', flakeOutput: 'auto', ...more },
        join(directory, 'cache'),
        context,
      ),
  };
}

function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

describe('source flake', () => {
  it('that is nixpkgs is evaluated as a tree, with config on top', async (t) => {
    const locked = { rev, narHash: 'sha256-one' };
    const nix = await fakeNix(t, { path: miniNixpkgs, url: `github:a/b/${rev}`, lastModified: 1_784_000_000, locked });
    const located = await nix.locate({ config: { cudaSupport: true } });
    assert.deepEqual([located.origin, located.revision], [`github:a/b/${rev}`, rev]);
    const target = await located.fetch();
    assert.deepEqual(target.request, { tree: miniNixpkgs, overlays: [], config: { cudaSupport: true } });
    assert.equal(target.nixpkgsVersion, '26.11.20260714.aaaaaaa');
    assert.notEqual((await nix.locate()).key, located.key);
  });

  it('that is nixpkgs is found in a store with a root of its own too', async (t) => {
    const path = `/nix/store/${'0'.repeat(32)}-source`;
    const nix = await fakeNix(t, { path, url: 'github:a/b', locked: { rev, narHash: 'sha256-one' } });
    const root = join(nix.directory, 'root');
    await cp(miniNixpkgs, join(root, path), { recursive: true });
    setVariable(t, 'NIX_REMOTE', `local?root=${root}`);
    assert.equal((await (await nix.locate()).fetch()).tree, join(root, path));
  });

  it('that is no nixpkgs gives its outputs, and says what that cannot honour', async (t) => {
    const nix = await fakeNix(t, { path: '/nowhere', url: 'https://me:s3cret@example.org/x', locked: { rev } });
    const located = await nix.locate({ config: { allowUnfree: true } });
    assert.equal(located.origin, 'https://example.org/x');
    const target = await located.fetch();
    assert.deepEqual([target.tree, target.revision], [null, rev]);
    assert.deepEqual(target.request, { flake: 'https://me:s3cret@example.org/x', output: 'auto' });
    const said = nix.events.map((event) => ('message' in event ? event.message : ''));
    assert.match(said[0] ?? '', /recurseForDerivations\).*listed as an error/);
    assert.match(said[1] ?? '', /nixpkgs\.overlays and nixpkgs\.config have no effect/);
    assert.ok(!said.join('').includes('s3cret'));
    assert.notEqual((await nix.locate({ flakeOutput: 'packages' })).key, located.key);
  });

  it('is another one in another directory of the same tree, and with other inputs', async (t) => {
    const locked = { rev, narHash: 'sha256-one' };
    const keys = new Set<string>();
    for (const answer of [
      { locked },
      { locked: { ...locked, dir: 'a' } },
      { locked: { ...locked, dir: 'b' } },
      { locked, locks: { nodes: { nixpkgs: { locked: { narHash: 'sha256-two' } } } } },
    ]) {
      const nix = await fakeNix(t, { path: '/nowhere', url: 'github:a/b', ...answer });
      keys.add((await nix.locate()).key);
    }
    assert.equal(keys.size, 4);
    const below = await fakeNix(t, { path: miniNixpkgs, url: 'github:a/b?dir=a', locked: { ...locked, dir: 'a' } });
    assert.deepEqual((await (await below.locate()).fetch()).request, { flake: 'github:a/b?dir=a', output: 'auto' });
  });

  it('that cannot be read is quoted, without warnings and credentials', async (t) => {
    const says = 'warning: dirty\nerror: unable to download https://me:p@s3cret@example.org/x';
    const nix = await fakeNix(t, { says });
    await assert.rejects(nix.locate({ url: 'https://me:s3cret@example.org/x' }), (error: Error) => {
      assert.match(error.message, /the flake https:\/\/example\.org\/x cannot be read:\n {2}error: unable to download/);
      return !error.message.includes('s3cret') && !error.message.includes('warning');
    });
    await assert.rejects(nix.locate({ url: null }), /nixpkgs\.url: .*needs a flake reference/);
    setVariable(t, 'PATH', '/nowhere');
    await assert.rejects(nix.locate(), /nix is not on PATH\. Install Nix 2\.24/);
  });
});
