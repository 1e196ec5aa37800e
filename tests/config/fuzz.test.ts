import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { fromEnvironment } from '../../src/config/from-environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { assign } from '../../src/config/merge.ts';
import { renderResolved } from '../../src/config/resolved.ts';
import { leavesOf, schema } from '../../src/config/schema.ts';
import type { SchemaNode } from '../../src/config/schema.ts';
import { renderTemplate } from '../../src/config/template.ts';
import { violationsOf } from '../../src/config/rules.ts';
import { validateTree } from '../../src/config/validate.ts';
import { UsageError } from '../../src/errors.ts';
import { runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/directory.ts';

/** Configurations in all, a third of each sort; CI's own step asks for more. */
const runs = Number(process.env['FDNIX_FUZZ_RUNS'] ?? 1200);
/** Far above what any one takes, and far below a hang. */
const patienceMs = 20_000;

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '-',
    '~',
    'null',
    '0x1f',
    '1e999',
    '.nan',
    '&a [*a]',
    '&a {b: *a}',
    '!!binary x',
    '{',
    '}',
    '[',
    ']',
    '? x',
    '%YAML 9',
    '---',
    '\u0000',
    '\uD800',
    '${HOME}',
    '__proto__',
    'constructor',
  ),
);
const anyValue = fc.oneof(
  { maxDepth: 3 },
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.bigInt().map(Number),
  anyText,
  fc.constant(undefined),
);

/** A value that suits a key, or nearly. */
function valueFor(node: SchemaNode): fc.Arbitrary<unknown> {
  const likely: fc.Arbitrary<unknown>[] = [fc.constant(node.default)];
  if (node.enum !== undefined) likely.push(fc.constantFrom(...node.enum));
  if (node.examples !== undefined) likely.push(fc.constantFrom(...node.examples));
  if (node.minimum !== undefined)
    likely.push(fc.integer({ min: Math.floor(node.minimum) - 1, max: Math.ceil(node.maximum ?? 0) + 1 }));
  return fc.oneof({ arbitrary: fc.oneof(...likely), weight: 6 }, { arbitrary: anyValue, weight: 1 });
}

function treeFor(section: SchemaNode): fc.Arbitrary<unknown> {
  const keys = Object.entries(section.properties ?? {}).map(([name, node]): [string, fc.Arbitrary<unknown>] => [
    name,
    node.properties === undefined
      ? valueFor(node)
      : fc.oneof({ arbitrary: treeFor(node), weight: 12 }, { arbitrary: anyValue, weight: 1 }),
  ]);
  const known = fc.record(Object.fromEntries(keys), { requiredKeys: [] });
  const strange = fc.dictionary(anyText, anyValue, { maxKeys: 1 });
  return fc.oneof(
    { arbitrary: known, weight: 8 },
    { arbitrary: fc.tuple(known, strange).map(([a, b]) => Object.assign({}, a, b)), weight: 1 },
  );
}

/** A few keys alone, so that many configurations are valid. */
const sparse = fc
  .array(
    fc
      .constantFrom(...leavesOf())
      .chain(({ key, node }) => valueFor(node).map((value) => ({ path: key.split('.'), value, node }))),
    { maxLength: 4 },
  )
  .map((values) => {
    const tree = {};
    for (const { path, value, node } of values) assign(tree, path, value, node);
    return tree;
  });

const trees = fc.oneof(
  { arbitrary: sparse, weight: 5 },
  { arbitrary: treeFor(schema), weight: 4 },
  { arbitrary: anyValue, weight: 1 },
);

const template = renderTemplate();
/** A valid file of which pieces are lost, doubled, put elsewhere or spoilt. */
const mangled = fc
  .tuple(fc.nat(template.length), fc.nat(200), fc.nat(template.length), anyText, fc.boolean())
  .map(([at, length, to, text, uncommented]) => {
    const source = uncommented ? template.replaceAll(/^( *)# (\w+:)/gm, '$1$2') : template;
    const piece = source.slice(at, at + length);
    return source.slice(0, Math.min(at, to)) + text + piece + source.slice(Math.max(at + length, to));
  });

const texts = fc.oneof(
  mangled,
  anyText,
  fc.array(anyText, { maxLength: 20 }).map((lines) => lines.join('\n')),
  fc.nat(3000).map((depth) => '['.repeat(depth)),
  fc.nat(500).map((depth) => '{a: '.repeat(depth)),
  fc.nat(500).map((depth) => '- '.repeat(depth) + 'x'),
);

const assignments = fc.oneof(
  {
    arbitrary: fc
      .constantFrom(...leavesOf())
      .chain(({ key, node }) =>
        valueFor(node).map((value) => `${key}=${typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}`),
      ),
    weight: 5,
  },
  { arbitrary: fc.tuple(anyText, anyText).map(([key, value]) => `${key}=${value}`), weight: 1 },
  { arbitrary: anyText, weight: 1 },
);

/** Either a configuration that is whole and valid, or one error for people. */
async function loadOrRefuse(options: Parameters<typeof loadConfig>[0]): Promise<LoadedConfig | null> {
  const late = AbortSignal.timeout(patienceMs);
  try {
    const loaded = await loadConfig(options);
    assert.deepEqual(validateTree(loaded.config), []);
    assert.deepEqual(violationsOf(loaded.config), []);
    for (const { key } of leavesOf()) assert.notEqual(valueAt(loaded.config, key), undefined, key);
    return loaded;
  } catch (error) {
    assert.ok(error instanceof UsageError, error instanceof Error ? error.stack : String(error));
    assert.notEqual(error.message, '');
    assert.doesNotMatch(error.message, /^ {4}at /m);
    for (const line of error.message.split('\n')) assert.ok(line.length < 1000, line);
    return null;
  } finally {
    assert.equal(late.aborted, false, 'took too long');
  }
}

function valueAt(tree: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (here, name) => (typeof here === 'object' && here !== null ? Reflect.get(here, name) : undefined),
      tree,
    );
}

test('trees in YAML and JSON', async (t) => {
  const cwd = await temporaryDirectory(t);
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(trees, fc.boolean(), async (tree, json) => {
      const name = json ? 'fdnix.config.json' : 'fdnix.config.yaml';
      await writeFile(join(cwd, name), (json ? JSON.stringify(tree) : stringify(tree)) ?? '');
      const loaded = await loadOrRefuse({ cwd, configFile: name, env: {} });
      if (loaded === null) return;
      accepted++;
      await writeFile(join(cwd, 'printed.yaml'), renderResolved(loaded.config, loaded.origins));
      const again = await loadConfig({ cwd, configFile: 'printed.yaml', env: {} });
      assert.deepEqual(again.config, loaded.config);
    }),
    { numRuns: Math.ceil(runs / 3) },
  );
  t.diagnostic(`${accepted} were valid`);
  assert.ok(accepted > runs / 20, `only ${accepted} were valid: the generator is too wild`);
});

test('texts that are hardly a configuration', async (t) => {
  const cwd = await temporaryDirectory(t);
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom('a.yaml', 'a.json'), async (text, name) => {
      await writeFile(join(cwd, name), text);
      await loadOrRefuse({ cwd, configFile: name, env: {} });
    }),
    { numRuns: Math.ceil(runs / 3) },
  );
});

test('lists of --set', async (t) => {
  const cwd = await temporaryDirectory(t);
  await fc.assert(
    fc.asyncProperty(fc.array(assignments, { maxLength: 6 }), async (sets) => {
      await loadOrRefuse({ cwd, sets, env: {} });
    }),
    { numRuns: Math.ceil(runs / 3) },
  );
});

test('environments of the Python system', () => {
  const names = [...leavesOf().flatMap(({ node }) => node['x-environment'] ?? []), 'DUCKDB_KEY'];
  const words = fc.oneof(anyText, fc.constantFrom('true', 'Yes', '0', '256', 'English', 'fdnix', 'x86_64-linux'));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), words, { maxKeys: 6 }), (env) => {
      try {
        const { tree, text } = fromEnvironment(env);
        assert.deepEqual(parse(text) ?? {}, tree);
      } catch (error) {
        assert.ok(error instanceof UsageError, error instanceof Error ? error.stack : String(error));
      }
    }),
    { numRuns: Math.ceil(runs / 10) },
  );
});

test('the command itself: exit 0 or 2, and no stack', async (t) => {
  const cwd = await temporaryDirectory(t);
  const files = fc.sample(
    fc.oneof(
      trees.map((tree) => stringify(tree) ?? ''),
      texts,
    ),
    { numRuns: Math.ceil(runs / 500) },
  );
  for (const [index, text] of files.entries()) {
    const name = `${index}.yaml`;
    await writeFile(join(cwd, name), text);
    const { code, stderr } = await runCli(['config', 'check', '--config', name], { cwd, timeout: patienceMs });
    assert.ok(code === 0 || code === 2, `${code}: ${stderr}\n${text}`);
    assert.match(stderr, code === 0 ? /: valid\n$/ : /^error: /);
    assert.doesNotMatch(stderr, /^ {4}at /m);
  }
});
