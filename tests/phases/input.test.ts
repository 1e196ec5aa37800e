import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { currentSystem } from '../../src/evaluate/current-system.ts';
import { findInput } from '../../src/phases/input.ts';
import { temporaryDirectory } from '../support/directory.ts';

const miniNixpkgs = fileURLToPath(new URL('../fixtures/mini-nixpkgs', import.meta.url));

test('without systems the one of this machine is part of what a dataset is of', async (t) => {
  const cwd = await temporaryDirectory(t);
  const keyOf = async (...systems: string[]): Promise<string | null> => {
    const settings = [
      'nixpkgs.source=path',
      `nixpkgs.path=${miniNixpkgs}`,
      ...systems.map((name) => `nixpkgs.systems=${name}`),
    ];
    const { config } = await loadConfig({ cwd, env: {}, sets: settings });
    return (await findInput(config, { signal: t.signal, report: () => {} })).key;
  };
  const own = await keyOf();
  assert.equal(own, await keyOf(currentSystem()));
  assert.notEqual(own, await keyOf('riscv64-netbsd'));
});
