import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';

interface Entry {
  version: string;
  resolved?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

const results = process.env['FDNIX_NIX_RESULTS'];
const platforms = [
  { os: 'linux', cpu: 'x64', libc: 'glibc' },
  { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { os: 'darwin', cpu: 'arm64', libc: null },
];

describe('what Nix made of the lock', { skip: results === undefined && 'no results of a Nix evaluation' }, () => {
  for (const { os, cpu, libc } of platforms) {
    it(`names one tarball for each package that ${os}-${cpu} installs, and no other`, () => {
      for (const [path, entry] of entriesOf(`lock-${os}-${cpu}.json`)) {
        const wanted = admits(entry.os, os) && admits(entry.cpu, cpu) && admits(entry.libc, libc);
        const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
        const base = name.slice(name.indexOf('/') + 1);
        const tarball = `https://registry.test/${name}/-/${base}-${entry.version}.tgz`;
        assert.equal(entry.resolved, wanted ? tarball : undefined, path);
      }
    });
  }

  it('has all that npm itself has installed here', () => {
    const resolved = new Map(entriesOf(`lock-${process.platform}-${process.arch}.json`));
    const installed = read(new URL('../../node_modules/.package-lock.json', import.meta.url));
    const missing = Object.keys(installed.packages).filter((path) => resolved.get(path)?.resolved === undefined);
    assert.deepEqual(missing, []);
    assert.ok(existsSync(new URL('../../node_modules/@lancedb/lancedb', import.meta.url)));
  });
});

function admits(names: string[] | undefined, value: string | null): boolean {
  return names === undefined || (value !== null && names.includes(value));
}

function entriesOf(file: string): [string, Entry][] {
  const { packages }: { packages: Record<string, Entry> } = read(join(results ?? '', file));
  return Object.entries(packages).filter(([path]) => path !== '');
}

/** What the step before has written, or npm. */
// oxlint-disable-next-line typescript/no-explicit-any -- parsed JSON, typed where it is used
function read(file: string | URL): any {
  return JSON.parse(readFileSync(file, 'utf8'));
}
