import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { countLines, mangleRecording } from '../support/mangle.ts';

const sample = readFileSync(new URL('../../sample/nixpkgs-sample.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

test('five thousand mangled lines become two datasets that pass every check', { timeout: 240_000 }, async (t) => {
  const folder = await temporaryDirectory(t);
  // Attribute paths of their own, so that most lines are not mere duplicates.
  const lines = Array.from({ length: 2000 }, (_, index) => {
    const line = sample[index % sample.length] ?? '';
    return line.replace('"attr":"', `"attr":"c${index}.`);
  });
  const bytes = mangleRecording(lines, 5000, 20);
  await writeFile(join(folder, 'mangled.jsonl'), bytes);
  const settings = [
    'nixpkgs.source=jsonl',
    'nixpkgs.path=mangled.jsonl',
    'nixpkgs.systems=["x86_64-linux"]',
    'output.path=data.lancedb',
    'output.minifiedPath=small.lancedb',
    'embedding.provider=none',
  ].flatMap((setting) => ['--set', setting]);
  const run = await runCli(['run', '--mode', 'both', ...settings], { cwd: folder, timeout: 200_000 });
  assert.equal(run.code, 0, run.stderr.slice(-4000));
  assert.doesNotMatch(run.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'a stack trace');
  const connection = await connectDataset(join(folder, 'data.lancedb'));
  const packages = await (await openTable(connection, 'packages')).countRows();
  const errors = await (await openTable(connection, 'errors')).countRows();
  assert.equal(packages + errors, countLines(bytes));
  assert.ok(packages > 500 && errors > 500, `${packages} packages, ${errors} errors`);
  const verify = await runCli(['verify', ...settings], { cwd: folder });
  assert.equal(verify.code, 0, verify.stdout + verify.stderr);
});
