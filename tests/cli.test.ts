import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { schemaText } from '../src/config/schema.ts';
import { runCli } from './support/cli.ts';
import type { CliResult } from './support/cli.ts';
import { temporaryDirectory } from './support/directory.ts';

function refused(result: CliResult, message: string): void {
  assert.deepEqual(result, { code: 2, stdout: '', stderr: `error: ${message}\n` });
}

suite('the command line', { concurrency: 2 }, () => {
  const wrong: [args: string[], message: string][] = [
    [['confg'], 'unknown command "confg"; did you mean config?\n`fdnix-indexer --help` lists what there is'],
    [
      ['config', 'chek'],
      'unknown command "chek"; did you mean check?\n`fdnix-indexer config --help` lists what there is',
    ],
    [['config'], 'a command is missing (init, check, print, schema, from-env); see `fdnix-indexer config --help`'],
    [
      ['config', 'check', '--jsn'],
      'unknown option --jsn; did you mean --json?\n`fdnix-indexer config check --help` lists what there is',
    ],
    [['config', 'check', 'x'], 'unexpected argument "x"\n`fdnix-indexer config check --help` lists what there is'],
    [
      ['config', 'check', '--config'],
      'Not enough arguments following: config; see `fdnix-indexer config check --help`',
    ],
    [
      ['config', 'check', '--config', 'a', '--config', 'b'],
      '--config was given 2 times and takes one value; see `fdnix-indexer config check --help`',
    ],
    [
      ['config', 'check', '--config', 'none.yaml'],
      'none.yaml: there is no such configuration file; `fdnix-indexer config init` writes one',
    ],
    [
      ['run', '--mode', 'ful'],
      '--mode: expected one of metadata, embedding, minified, both, full, found "ful"; see `fdnix-indexer run --help`',
    ],
    [
      ['search', 'rg', '--limit', 'many'],
      '--limit: expected a number, found "many"; see `fdnix-indexer search --help`',
    ],
    [
      ['config', 'check', '--set', 'evaluation.workers=0', '--set', 'nixpkgs.ref=26.05'],
      '--set evaluation.workers=0: evaluation.workers: expected auto or a whole number from 1 to 256, found 0',
    ],
    [['config', 'check', '--config', '.'], '.: is a directory where a configuration file was expected'],
    [['config', 'check', '--set', 'mode'], '--set mode: expected key=value, for example --set mode=metadata'],
    [
      ['config', 'check', '--set', 'output.pth=x', '--set', 'search.limit=many'],
      '2 problems in the configuration:\n  --set output.pth=x: output.pth: unknown key; did you mean output.path?\n  --set search.limit=many: search.limit: expected a whole number from 1 to 1000, found "many"',
    ],
  ];
  for (const [args, message] of wrong) {
    test(`refuses: ${args.join(' ')}`, async (t) => {
      refused(await runCli(args, { cwd: await temporaryDirectory(t) }), message);
    });
  }

  test('a configuration that does not parse', async (t) => {
    const cwd = await temporaryDirectory(t, { 'fdnix.config.yaml': 'mode: full\ns3: {bucket: [}\n' });
    const { code, stdout, stderr } = await runCli(['config', 'check'], { cwd });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: fdnix\.config\.yaml:2: does not parse at column \d+: [^\n]+\n$/);
  });

  test('help and version go to stdout', async (t) => {
    const cwd = await temporaryDirectory(t);
    const [help, version] = await Promise.all([runCli(['--help'], { cwd }), runCli(['--version'], { cwd })]);
    assert.equal(help.code, 0);
    assert.equal(help.stderr, '');
    assert.match(help.stdout, /^fdnix-indexer <command>\n[^]*config[^]*--set[^]*Exit codes/);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test('config init writes a file that is valid, and not over one that is there', async (t) => {
    const cwd = await temporaryDirectory(t);
    assert.equal((await runCli(['config', 'init'], { cwd })).code, 0);
    const check = await runCli(['config', 'check'], { cwd });
    assert.deepEqual(check, { code: 0, stdout: '', stderr: 'fdnix.config.yaml: valid\n' });
    const again = await runCli(['config', 'init'], { cwd });
    assert.deepEqual(again, {
      code: 1,
      stdout: '',
      stderr: 'error: fdnix.config.yaml is there already; --force writes over it\n',
    });
    const printed = await runCli(['config', 'init', '--stdout'], { cwd });
    assert.equal(printed.stdout, await readFile(join(cwd, 'fdnix.config.yaml'), 'utf8'));
  });

  test('config print is a configuration again, with the origin of each value', async (t) => {
    const cwd = await temporaryDirectory(t, { 'other.yaml': 'search:\n  limit: 7\n' });
    const args = ['config', 'print', '--config', 'other.yaml', '--set', 'nixpkgs.systems=x86_64-linux'];
    const [yaml, json] = await Promise.all([runCli(args, { cwd }), runCli([...args, '--json'], { cwd })]);
    assert.match(yaml.stdout, /\n {2}limit: 7 +# other\.yaml:2\n/);
    assert.match(yaml.stdout, /\n {2}systems: \[ x86_64-linux \] +# --set nixpkgs\.systems=x86_64-linux\n/);
    const { config, origins, file } = JSON.parse(json.stdout);
    assert.deepEqual(parse(yaml.stdout), config);
    assert.deepEqual(
      { origins, file },
      {
        file: 'other.yaml',
        origins: { 'search.limit': 'other.yaml:2', 'nixpkgs.systems': '--set nixpkgs.systems=x86_64-linux' },
      },
    );
    await writeFile(join(cwd, 'again.yaml'), yaml.stdout);
    const again = await runCli(['config', 'print', '--json', '--config', 'again.yaml'], { cwd });
    assert.deepEqual(JSON.parse(again.stdout).config, config);
  });

  test('FDNIX_CONFIG names the file, and --config overrides it', async (t) => {
    const cwd = await temporaryDirectory(t, { 'a.yaml': '', 'b.yaml': '' });
    const env = { FDNIX_CONFIG: 'a.yaml' };
    const [byVariable, byFlag] = await Promise.all([
      runCli(['config', 'check'], { cwd, env }),
      runCli(['config', 'check', '--config', 'b.yaml'], { cwd, env }),
    ]);
    assert.equal(byVariable.stderr, 'a.yaml: valid\n');
    assert.equal(byFlag.stderr, 'b.yaml: valid\n');
  });

  test('config schema prints the schema, byte for byte', async (t) => {
    const { stdout } = await runCli(['config', 'schema'], { cwd: await temporaryDirectory(t) });
    assert.equal(stdout, schemaText);
  });

  test("config from-env: the Python system's variables become a valid configuration", async (t) => {
    const cwd = await temporaryDirectory(t);
    const env = {
      PROCESSING_MODE: 'full',
      PUBLISH_LAYER: 'On',
      LAYER_ARN: 'fdnix',
      ARTIFACTS_BUCKET: 'artefacts',
      LANCEDB_DATA_KEY: 'a',
      LANCEDB_MINIFIED_KEY: 'b',
      FTS_STEMMER: 'English',
      FTS_STOPWORDS: '',
      NIX_SYSTEM: 'x86_64-linux',
      BEDROCK_BATCH_SIZE: '500',
      DUCKDB_KEY: 'graph.duckdb',
      AWS_REGION: 'eu-west-1',
    };
    const { code, stdout, stderr } = await runCli(['config', 'from-env'], { cwd, env });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^warning: DUCKDB_KEY has no successor: [^\n]+\n$/);
    assert.match(stdout, /\n {2}bucket: artefacts # ARTIFACTS_BUCKET\n/);
    assert.deepEqual(parse(stdout), {
      mode: 'full',
      nixpkgs: { systems: ['x86_64-linux'] },
      aws: { region: 'eu-west-1' },
      embedding: { bedrock: { batchSize: 500 } },
      fts: { stopwords: null, stemmer: 'english' },
      s3: { bucket: 'artefacts', dataKey: 'a', minifiedKey: 'b' },
      layer: { publish: true, arn: 'fdnix' },
    });
    await writeFile(join(cwd, 'fdnix.config.yaml'), stdout);
    assert.equal((await runCli(['config', 'check', '--quiet'], { cwd })).stderr, '');
  });

  test('config from-env refuses a versioned layer and words that are neither true nor false', async (t) => {
    const env = { PUBLISH_LAYER: 'perhaps', LAYER_ARN: 'arn:aws:lambda:eu-west-1:123456789012:layer:fdnix:3' };
    refused(
      await runCli(['config', 'from-env'], { cwd: await temporaryDirectory(t), env }),
      '2 problems in the configuration:\n' +
        '  PUBLISH_LAYER: layer.publish: expected true, 1, yes, on, false, 0, no or off, found "perhaps"\n' +
        "  LAYER_ARN: layer.arn: expected a layer's name, or its ARN without a version (arn:aws:lambda:REGION:123456789012:layer:NAME), " +
        'found "arn:aws:lambda:eu-west-1:123456789012:layer:fdnix:3"; leave ":3" out, since every publication makes a new version',
    );
  });

  test('a file that cannot be written is told', async (t) => {
    const cwd = await temporaryDirectory(t);
    const { code, stderr } = await runCli(['config', 'init', 'none/x.yaml'], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /^error: none\/x\.yaml cannot be written\n {2}because: ENOENT: [^\n]+\n$/);
    assert.equal(existsSync(join(cwd, 'none')), false);
  });
});
