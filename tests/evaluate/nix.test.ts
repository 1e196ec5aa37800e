/** nix/evaluate.nix and nix/apply.nix in the hands of a real Nix, over the small package set; `FDNIX_TEST_NIX` names the `nix`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nixString } from '../../src/evaluate/arguments.ts';
import { pathTree, type PathTree } from '../../src/evaluate/paths.ts';
import type { RawExtraValue } from '../../src/model.ts';

const nix = process.env['FDNIX_TEST_NIX'];
const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = join(root, 'tests/fixtures/mini-nixpkgs');

/** What nix-eval-jobs does to find its jobs; a set that does not evaluate is a job that fails. */
const walk = `
  let
    isDerivation = v: builtins.isAttrs v && v.type or null == "derivation";
    called = v:
      if builtins.isAttrs v && v ? __functor then called (v.__functor v)
      else if builtins.isFunction v && builtins.functionArgs v != { } && !(builtins.elem false (builtins.attrValues (builtins.functionArgs v))) then v { }
      else v;
    visit = path: callable:
      let tried = builtins.tryEval (called callable); v = tried.value; in
      if !tried.success then [ { inherit path; kind = "throws"; } ]
      else if isDerivation v then [ { inherit path; kind = "derivation"; } ]
      else if builtins.isAttrs v && (path == [ ] || v.recurseForDerivations or false) then
        builtins.concatMap (n: if n == "recurseForDerivations" then [ ] else visit (path ++ [ n ]) (builtins.getAttr n v)) (builtins.attrNames v)
      else [ { inherit path; kind = "other"; } ];
  in visit [ ]
`;

interface Evaluated<T> {
  ok: boolean;
  value: T;
  stderr: string;
}

describe('the expressions, evaluated by Nix', { skip: nix === undefined && 'FDNIX_TEST_NIX names no nix' }, () => {
  const scratch = mkdtempSync(join(root, '.nix-test-'));
  after(() => rmSync(scratch, { recursive: true, force: true }));
  /** tryEval catches neither abort nor infinite recursion: these need an evaluation of their own each. */
  const uncatchable = ['aborting', 'recursive', 'builtByImport'];

  function evaluate<T = unknown>(request: object, apply: string): Evaluated<T> {
    const file = join(scratch, 'request.json');
    writeFileSync(file, JSON.stringify({ tree, system: 'x86_64-linux', ...request }));
    const set = `import ${nixString(join(root, 'nix/evaluate.nix'))} (builtins.fromJSON (builtins.readFile ${nixString(file)}))`;
    const expression = `let fn = import ${nixString(join(root, 'nix/apply.nix'))}; in (${apply}) (${set})`;
    const options = ['--impure', '--json', '--option', 'allow-import-from-derivation', 'false'];
    const args = ['--extra-experimental-features', 'nix-command', 'eval', ...options, '--expr', expression];
    const { status, stdout, stderr } = spawnSync(nix ?? '', args, { encoding: 'utf8', cwd: root });
    return { ok: status === 0, value: status === 0 ? JSON.parse(stdout) : null, stderr };
  }

  function paths({
    skip: known = {},
    ...request
  }: {
    skip?: PathTree;
    [more: string]: unknown;
  }): Record<string, string> {
    const skip = { ...pathTree(uncatchable.map((name) => [name])), ...known };
    const found = evaluate<{ path: string[]; kind: string }[]>({ ...request, skip }, walk);
    assert.ok(found.ok, found.stderr);
    return Object.fromEntries(found.value.map(({ path, kind }) => [path.join('/'), kind]));
  }

  it('lists what a search index wants: no aliases, sets recursed into, nothing refused', () => {
    const found = paths({});
    assert.equal(found['greeting'], undefined, 'aliases are not listed');
    assert.equal(found['haskellPackages/lens'], 'derivation');
    assert.equal(found['pythonPackages/deeper/nested'], 'derivation');
    assert.equal(found['name.with.dots'], 'derivation');
    assert.equal(found['composable/part'], 'derivation', 'what can be called with nothing is');
    assert.equal(found['hiddenPackages'], 'other');
    for (const name of ['brokenTool', 'unfreeTool', 'insecureTool', 'darwinOnly'])
      assert.equal(found[name], 'derivation');
    for (const name of ['throwing', 'pythonPackages/disabled', 'failingPackages']) assert.equal(found[name], 'throws');
    // Three of them fail further in: their names are there.
    assert.equal(Object.values(found).filter((kind) => kind === 'derivation').length, 34);
  });

  it("puts the user's config and overlays on top", async () => {
    const overlay = join(scratch, 'overlay.nix');
    writeFileSync(
      overlay,
      'self: super: { hello = super.curl; added = self.lib.recurseIntoAttrs { own = super.zlib; }; }',
    );
    const found = paths({ config: { allowUnfree: false, allowAliases: true }, overlays: [overlay] });
    assert.equal(found['unfreeTool'], 'throws');
    assert.equal(found['greeting'], 'derivation');
    assert.equal(found['added/own'], 'derivation');
    const name = evaluate({ overlays: [overlay] }, 'set: set.hello.name');
    assert.equal(name.value, 'curl-8.11.0');
  });

  it('evaluates for another system', () => {
    const found = paths({ system: 'aarch64-darwin' });
    assert.equal(found['linuxEvaluates'], 'throws');
    const value = evaluate(
      { system: 'aarch64-darwin' },
      'set: [ set.perSystem.version set.darwinOnly.meta.unsupported ]',
    );
    assert.deepEqual(value.value, ['2.0', false]);
  });

  it('leaves out what is known, however deep, and nothing else', () => {
    const known = [
      ['hello'],
      ['pythonPackages', 'requests'],
      ['pythonPackages', 'deeper', 'nested'],
      ['name.with.dots'],
      ['gone'],
    ];
    const [all, rest] = [paths({}), paths({ skip: pathTree(known) })];
    const expected = new Set(known.map((path) => path.join('/')));
    assert.deepEqual(
      Object.keys(rest).toSorted(),
      Object.keys(all)
        .filter((path) => !expected.has(path))
        .toSorted(),
    );
  });

  it('evaluates only what is wanted, whole sets as well', () => {
    const only = pathTree([
      ['hello'],
      ['pythonPackages', 'deeper'],
      ['haskellPackages', 'lens'],
      ['name.with.dots'],
      ['composable', 'other'],
      ['withDefaults'],
    ]);
    const found = paths({ only });
    const wanted = [
      'composable/other',
      'haskellPackages/lens',
      'hello',
      'name.with.dots',
      'pythonPackages/deeper/nested',
      'withDefaults',
    ];
    assert.deepEqual(Object.keys(found).toSorted(), wanted);
  });

  it('lists names without evaluating what they stand for', () => {
    assert.deepEqual(paths({ names: true }), paths({}));
  });

  it('announces what it begins, and what is neither a derivation nor fails', () => {
    const { value, stderr } = evaluate(
      { trace: true },
      'set: [ set.hello.name set.pythonPackages.deeper.nested.name set.aFunction.x or 1 ]',
    );
    assert.deepEqual(value, ['hello-2.12.3', 'nested-0.0.1', 1]);
    const announced = stderr.split('\n').filter((line) => line.startsWith('trace: fdnix-'));
    assert.deepEqual(announced, [
      'trace: fdnix-begin ["hello"]',
      'trace: fdnix-begin ["pythonPackages"]',
      'trace: fdnix-end ["pythonPackages"]',
      'trace: fdnix-begin ["pythonPackages","deeper"]',
      'trace: fdnix-end ["pythonPackages","deeper"]',
      'trace: fdnix-begin ["pythonPackages","deeper","nested"]',
      'trace: fdnix-begin ["aFunction"]',
      'trace: fdnix-end ["aFunction"]',
    ]);
  });

  it('does not evaluate what aborts, recurses or would have to be built', () => {
    for (const [name, reason] of [
      ['aborting', /this evaluation is over/],
      ['recursive', /infinite recursion/],
      ['builtByImport', /allow-import-from-derivation/],
    ] as const) {
      const { ok, stderr } = evaluate({}, `set: (fn set.${name}).pname`);
      assert.equal(ok, false, name);
      assert.match(stderr, reason);
    }
  });

  it('reads the inputs of a derivation in every form they have', () => {
    const values = evaluate<Record<string, RawExtraValue>>(
      {},
      'set: builtins.mapAttrs (_: fn) { inherit (set) hello mixed curl hook nameOnly noMeta insecureTool; }',
    );
    assert.ok(values.ok, values.stderr);
    const { hello, mixed, curl, hook, nameOnly, noMeta } = values.value;
    const none = { buildInputs: [], nativeBuildInputs: [], propagatedBuildInputs: [], propagatedNativeBuildInputs: [] };
    assert.deepEqual(named(hello), { ...none, buildInputs: ['zlib-1.3.1'], nativeBuildInputs: ['pkg-config-0.29.2'] });
    const nested = { buildInputs: ['zlib-1.3.1', 'openssl-3.4.0'], nativeBuildInputs: ['pkg-config-0.29.2'] };
    assert.deepEqual(named(mixed), { ...none, ...nested });
    assert.deepEqual(named(hook), { ...none, propagatedNativeBuildInputs: ['cmake-4.0.1'] });
    assert.equal(curl?.repository, 'https://git.example.org/curl.git');
    assert.deepEqual([nameOnly?.pname, nameOnly?.version], [null, null]);
    assert.deepEqual([noMeta?.pname, noMeta?.version, noMeta?.repository], ['no-meta', '1', null]);
  });
});

/** Inputs by the names of their derivations. */
function named(value: RawExtraValue | undefined): Record<string, string[]> {
  const { buildInputs, nativeBuildInputs, propagatedBuildInputs, propagatedNativeBuildInputs } = value ?? {};
  const lists = { buildInputs, nativeBuildInputs, propagatedBuildInputs, propagatedNativeBuildInputs };
  return Object.fromEntries(
    Object.entries(lists).map(([kind, paths]) => [
      kind,
      (paths ?? []).map((path) => /^\/nix\/store\/[a-z0-9]{32}-(.*)\.drv$/.exec(path)?.[1] ?? `? ${path}`),
    ]),
  );
}
