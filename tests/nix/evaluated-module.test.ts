import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { leavesOf } from '../../src/config/schema.ts';

interface Option {
  type: { submodule?: Record<string, Option> } | string;
  description: string;
  default: unknown;
}

const results = process.env['FDNIX_NIX_RESULTS'];

describe('what Nix made of the module', { skip: results === undefined && 'no results of a Nix evaluation' }, () => {
  it('every key of the schema is an option with its description and default', () => {
    const { options }: { options: Record<string, Option> } = read(join(results ?? '', 'pure.json'));
    for (const { key, node } of leavesOf()) {
      const option = optionAt(options, key.split('.'));
      assert.equal(option?.description, node.description, key);
      assert.deepEqual(option?.default, node.default, key);
    }
  });

  it('options have the types of the schema', () => {
    const { options }: { options: Record<string, Option> } = read(join(results ?? '', 'pure.json'));
    const types: Record<string, unknown> = {
      mode: { enum: ['metadata', 'embedding', 'minified', 'both', 'full'] },
      'output.path': 'str',
      'nixpkgs.path': { nullOr: { oneOf: ['str', { listOf: 'str' }] } },
      'nixpkgs.ref': 'str',
      'nixpkgs.systems': { listOf: 'str' },
      'nixpkgs.config': { attrsOf: 'json' },
      'evaluation.workers': { oneOf: [{ ints: [1, 256] }, { enum: ['auto'] }] },
      'embedding.maxCost': { numbers: [0, 1_000_000] },
      'embedding.allowPartial': 'bool',
      'embedding.bedrock.modelId': 'nonEmptyStr',
      'embedding.bedrock.tags': { attrsOf: 'str' },
      's3.storageClass': { nullOr: { enum: enumOf('s3.storageClass').filter((value) => value !== null) } },
      's3.pathStyle': { oneOf: ['bool', { enum: ['auto'] }] },
    };
    for (const [key, type] of Object.entries(types)) {
      assert.deepEqual(optionAt(options, key.split('.'))?.type, type, key);
    }
  });

  it('the services are those of nix/tests/units', () => {
    const { units }: { units: Record<string, string> } = read(join(results ?? '', 'pure.json'));
    for (const [name, unit] of Object.entries(units)) {
      const [, expected = ''] = readFileSync(
        new URL(`../../nix/tests/units/${name}.service`, import.meta.url),
        'utf8',
      ).split(/^(?=\[Service\])/m);
      assert.deepEqual(unit.split('\n').toSorted(), expected.split('\n').toSorted(), name);
    }
    assert.deepEqual(Object.keys(units), ['full', 'minimal']);
  });

  it('a null is kept where it says something, and where the key is unknown', () => {
    const { pruned }: { pruned: unknown } = read(join(results ?? '', 'pure.json'));
    assert.deepEqual(pruned, {
      mode: 'full',
      output: {},
      fts: { stemmer: null, stopwords: 'german' },
      unknown: null,
      nixpkgs: { config: { cudaSupport: null } },
    });
  });
});

describe('what the module refuses', { skip: results === undefined && 'no results of a Nix evaluation' }, () => {
  const option = 'services.fdnix-indexer';
  const cases: Record<string, string[]> = {
    defaults: [],
    private: [
      `${option}.settings.output.path: /tmp/data.lancedb has to be an absolute path outside of home directories`,
    ],
    url: [`${option}.settings.nixpkgs.url: /home/me/nixpkgs has to be`],
    localUrl: [],
    configFile: [`${option}.configFile: /home/me/config.yaml has to be`],
    configFileHere: [],
    noNix: [`${option}: evaluating nixpkgs needs the Nix daemon.`],
    noNixMinified: [],
    noNixChannel: [],
    readWrite: [`${option}.readWritePaths: /home/me/out has to be`],
    dotted: [`${option}.instances.26.05: systemd makes no user fdnix-indexer-26.05. Name the instance by`],
    dottedUser: [],
    underscored: [],
    model: [`${option}.settings.embedding.local.modelPath: /root/model has to be`],
    foreignDataset: [`${option}.settings.embedding.datasetPath: /srv/x.lancedb is outside of /var/lib/fdnix-indexer`],
    ownCache: [],
    sameKey: [
      `${option}.settings.s3.minifiedKey and ${option}.instances.other.settings.s3.minifiedKey are both s3://b/m`,
    ],
    samePhase: [
      `${option}.settings.s3.minifiedKey and ${option}.instances.other.settings.s3.minifiedKey are both s3://b/m`,
    ],
    otherPhase: [],
    sameStore: [
      `${option}.settings.s3.dataKey and ${option}.instances.other.settings.s3.dataKey are both http://garage:3900/b/d`,
    ],
    otherStore: [],
    sameLayer: [
      `${option}.settings.layer.arn and ${option}.instances.other.settings.layer.arn are both search in eu-central-1:`,
    ],
    otherRegion: [],
  };
  it('is told, and nothing else is', () => {
    const refused: Record<string, string[]> = read(join(results ?? '', 'refused.json'));
    assert.deepEqual(Object.keys(refused).toSorted(), Object.keys(cases).toSorted());
    for (const [name, beginnings] of Object.entries(cases)) {
      const found = refused[name]?.map((message, index) => message.slice(0, beginnings[index]?.length));
      assert.deepEqual(found, beginnings, name);
    }
  });
});

function enumOf(key: string): unknown[] {
  return leavesOf().find((leaf) => leaf.key === key)?.node.enum ?? [];
}

function optionAt(options: Record<string, Option>, [name = '', ...rest]: string[]): Option | undefined {
  const option = options[name];
  if (rest.length === 0 || option === undefined) return option;
  return optionAt(typeof option.type === 'string' ? {} : (option.type.submodule ?? {}), rest);
}

/** What the step before has written. */
// oxlint-disable-next-line typescript/no-explicit-any -- parsed JSON, typed where it is used
function read(file: string): any {
  return JSON.parse(readFileSync(file, 'utf8'));
}
