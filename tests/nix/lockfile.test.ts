import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

interface Entry {
  integrity?: string;
  resolved?: string;
  inBundle?: boolean;
  link?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Entry>;
};
const entries = Object.entries(lock.packages).filter(([path]) => path !== '');

/** What packages call the supported systems in the names of their platform packages. */
const platforms = ['linux-x64', 'linux-arm64', 'darwin-arm64'];

test('every tarball is locked by its integrity', () => {
  const missing = entries.filter(([, entry]) => entry.integrity === undefined && !entry.inBundle && !entry.link);
  const paths = missing.map(([path]) => path);
  assert.deepEqual(paths, [], 'npm lost integrities; `npm run lock:integrity` brings them back');
});

test('the lock names no registry', () => {
  assert.deepEqual(
    entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path),
    [],
  );
});

test('packages with native parts are locked for every supported system', () => {
  for (const name of ['@lancedb/lancedb', 'esbuild', 'typescript', 'oxlint', 'oxfmt', 'oxlint-tsgolint']) {
    const parts = Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {});
    for (const platform of platforms) {
      const native = parts.filter((part) => part.includes(platform) && !part.includes('musl'));
      assert.equal(native.length, 1, `${name} has one package for ${platform}`);
      assert.ok(`node_modules/${native[0]}` in lock.packages, `the lock holds ${native[0]}`);
    }
  }
});
