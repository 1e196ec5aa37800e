import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { runMetrics } from '../../src/report/run-metrics.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('docs/nixos.md shows the template that the flake evaluates', async () => {
  const blocks = blocksOf(await text('docs/nixos.md'), 'nix');
  for (const name of ['flake.nix', 'configuration.nix']) {
    const expected = `# ${name}\n${await text(`nix/template/${name}`)}`;
    assert.ok(blocks.includes(expected), `docs/nixos.md has nix/template/${name} word for word`);
  }
});

test('the README shows the flake that the checks evaluate', async () => {
  const [block] = blocksOf(await text('README.md'), 'nix');
  assert.equal(block, await text('tests/fixtures/readme/flake.nix'));
});

test('docs/nixos.md names every metric, and no other', async () => {
  const { config } = await loadConfig({ cwd: '/', env: {} });
  const outcome = { config, version: '1', finishedAt: new Date(), success: true, result: { seconds: {} }, bytes: {} };
  const written = runMetrics(outcome).map(({ name }) => name);
  const named = (await text('docs/nixos.md')).match(/\bfdnix_\w+/g) ?? [];
  assert.deepEqual([...new Set(named)].toSorted(), written.toSorted());
});

test('each docker run takes the image that there is, and commands and settings that are valid', async (t) => {
  const markdown = await text('docs/container.md');
  const { version } = JSON.parse(await text('package.json'));
  const runs = blocksOf(markdown, 'console')
    .join('')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('$ docker run '));
  const modes: string[] = [];
  for (const line of runs) {
    const [, words = ''] = line.split(` fdnix-indexer:${version} `);
    assert.match(words, /^(run|search)\b/, line);
    const sets = Array.from(words.matchAll(/--set (\S+)/g), ([, set = '']) => set);
    const mode = /--mode (\w+)/.exec(words)?.[1];
    if (mode !== undefined) modes.push(mode);
    await loadConfig({ sets: mode === undefined ? sets : [...sets, `mode=${mode}`], cwd: '/', env: {} });
  }
  assert.deepEqual(modes, ['metadata', 'embedding', 'minified']);

  const configFile = join(await temporaryDirectory(t), 'config.yaml');
  await writeFile(configFile, blocksOf(markdown, 'yaml')[0] ?? '');
  const { config, warnings } = await loadConfig({ configFile, cwd: '/', env: {} });
  assert.deepEqual(warnings, []);
  assert.equal(config.output.path, '/out/fdnix-data.lancedb');
});

test('the configuration in the CronJob is valid', async (t) => {
  const [, manifests = ''] = blocksOf(await text('docs/container.md'), 'yaml');
  const documents = parseAllDocuments(manifests).map((document) => document.toJS());
  assert.deepEqual(
    documents.map(({ kind }) => kind),
    ['ConfigMap', 'PersistentVolumeClaim', 'CronJob'],
  );
  const configFile = join(await temporaryDirectory(t), 'config.yaml');
  await writeFile(configFile, documents[0].data['config.yaml']);
  const { config, warnings } = await loadConfig({ configFile, cwd: '/', env: {} });
  assert.deepEqual(warnings, []);
  assert.equal(config.s3.bucket, 'my-search');
});

test('the settings of the Batch job are valid', async () => {
  const [job = ''] = blocksOf(await text('docs/container.md'), 'json');
  const { command } = parse(job).containerProperties;
  const sets = command.filter((_: string, index: number) => command[index - 1] === '--set');
  const { config } = await loadConfig({ sets, cwd: '/', env: {} });
  assert.equal(config.s3.minifiedKey, 'fdnix.lancedb');
});

function blocksOf(markdown: string, language: string): string[] {
  return Array.from(markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm))
    .filter(([, found]) => found === language)
    .map(([, , body = '']) => body);
}

async function text(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}
