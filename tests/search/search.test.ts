import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { PackageRow } from '../../src/model.ts';
import { openSearch } from '../../src/search/index.ts';
import type { Search, SearchOptions } from '../../src/search/index.ts';
import { connectDataset, openTable } from '../../src/store/connection.ts';
import { searchTable } from '../../src/store/search-table.ts';
import { packageRowOf as row, writePackagesDataset } from '../support/packages-dataset.ts';

const maintainer = (github: string) => ({ name: null, github, github_id: null, email: null, matrix: null });
const popular = { module_references: 10, test_references: 10 };

const packages: PackageRow[] = [
  row('ripgrep', {
    main_program: 'rg',
    description: 'Search files with the speed of grep',
    license_expression: 'MIT OR Unlicense',
  }),
  row('rgx', { description: 'Terminal tester of regular expressions', license_expression: 'MIT-0' }),
  row('emacsPackages.rg', { description: 'Search files with ripgrep' }),
  row('neovim', {
    main_program: 'nvim',
    description: 'Text editor',
    maintainers: [maintainer('Ada')],
    platforms: ['x86_64-linux'],
  }),
  row('neovim-unwrapped', { cluster_id: 'neovim', main_program: 'nvim', description: 'Text editor' }),
  row('nvimpager', { description: 'Pager that uses an editor' }),
  row('nginx', { ...popular, description: 'Reverse proxy and lightweight webserver' }),
  row('tiny-httpd', { description: 'Web server for tests', broken: true }),
  row('small-httpd', { description: 'Web server for tests' }),
  row('web-server-config', { description: 'Files for web servers', quality: 0.2 }),
  row('python3', { version: '3.13.1', description: 'Programming language', dependents: 12_000 }),
  row('python314', {
    version: '3.14.0',
    package_name: 'python3',
    cluster_id: 'python3',
    description: 'Programming language',
  }),
  row('texlivePackages.python', { description: 'Embeds Python code' }),
  row('python313Packages.numpy', { cluster_id: 'numpy', description: 'Arrays', dependents: 900 }),
  row('python314Packages.numpy', { cluster_id: 'numpy', description: 'Arrays' }),
  row('gnumake', { main_program: 'make', description: 'Builds files from sources' }),
  row('makeWrapper', { dependents: 5000 }),
  row('libreoffice', { description: 'Office suite', unfree: false }),
  row('google-chrome', { description: 'Browser', unfree: true }),
  row('chrome-export', { description: 'Saves bookmarks of Google Chrome as a file' }),
  row('awscli2', { package_name: 'awscli', description: 'Manages the services of Amazon' }),
  row('podman', { description: 'Runs containers' }),
  row('sqlite', { description: 'Self-contained database', dependents: 3000, module_references: 3 }),
  row('nodejs', { main_program: 'node', description: 'Runs JavaScript' }),
  row('gcc', { main_program: 'gcc', description: 'Compiler of C and C++' }),
  row('日本語-入力', { description: '日本語 入力' }),
];

describe('search', () => {
  let directory = '';
  let engine: Search;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fdnix-search-'));
    await writePackagesDataset(directory, packages);
    engine = await open(directory);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function paths(query: string, options: Partial<SearchOptions> = {}): Promise<string[]> {
    const { hits } = await engine.search(query, { limit: 50, ...options });
    return hits.map((hit) => hit.attribute_path);
  }

  const firsts: [query: string, path: string, why: string][] = [
    ['rg', 'ripgrep', 'by program'],
    ['nvim', 'neovim', 'by program'],
    ['make', 'gnumake', 'by program'],
    ['numpy', 'python313Packages.numpy', 'in a package set, the variant that is used most'],
    ['python', 'python3', 'a versioned name before the same name in a set'],
    ['python314', 'python314', 'by exact path'],
    ['libreofice', 'libreoffice', 'with a letter missing'],
    ['neovmi', 'neovim', 'with letters swapped'],
    ['web server', 'nginx', 'written as one word, and popular'],
    ['google chrome', 'google-chrome', 'with words that a name joins'],
    ['node.js', 'nodejs', 'with punctuation that names leave out'],
    ['g++', 'gcc', 'by another spelling'],
    ['npx', 'nodejs', 'by a program that it brings along'],
    ['awscli', 'awscli2', 'by another name'],
    ['aws command line', 'awscli2', 'by a name that other words make'],
    ['containers', 'podman', 'by the word itself, not by its stem'],
    ['NGINX', 'nginx', 'in upper case'],
    ['  nginx\n', 'nginx', 'with blanks around'],
    ['ｎｇｉｎｘ', 'nginx', 'in full-width letters'],
    ['日本語', '日本語-入力', 'in other scripts'],
  ];
  for (const [query, path, why] of firsts) {
    it(`finds ${path} first for ${JSON.stringify(query)}: ${why}`, async () => {
      assert.equal((await paths(query))[0], path);
    });
  }

  it('folds variants into one hit and lists them beneath', async () => {
    const { hits, total } = await engine.search('numpy', { limit: 10 });
    assert.equal(total, 1);
    assert.deepEqual(hits[0]?.variants, [{ attribute_path: 'python314Packages.numpy', version: '1.0' }]);
  });

  it('ranks broken packages below, and keeps them', async () => {
    const found = await paths('httpd');
    assert.deepEqual(found.slice(0, 2), ['small-httpd', 'tiny-httpd']);
  });

  it('filters before the limit', async () => {
    assert.deepEqual(await paths('httpd', { limit: 1, filters: { broken: true } }), ['tiny-httpd']);
    assert.deepEqual(await paths('rgx ripgrep', { filters: { license: 'mit' } }), ['ripgrep']);
    assert.deepEqual(await paths('chrome', { filters: { unfree: false } }), ['chrome-export']);
    assert.deepEqual(await paths('editor', { filters: { maintainer: 'ada' } }), ['neovim']);
    assert.deepEqual(await paths('editor', { filters: { platform: 'x86_64-linux' } }), ['neovim']);
    assert.deepEqual(await paths('editor', { filters: { platform: "it's" } }), []);
    assert.ok(!(await paths('web server', { filters: { minQuality: 0.8 } })).includes('web-server-config'));
    assert.ok((await paths('web server', { filters: { minQuality: 0.2 } })).includes('web-server-config'));
  });

  it('leaves variants out that a filter excludes', async () => {
    const { hits } = await engine.search('neovim', { limit: 1, filters: { maintainer: 'Ada' } });
    assert.deepEqual(hits[0]?.variants, []);
  });

  it('pages without gaps or repetitions, with the true total', async () => {
    const all = await engine.search('web editor files', { limit: 100 });
    assert.equal(all.total, all.hits.length);
    const paged: string[] = [];
    for (let offset = 0; offset < all.total; offset += 2) {
      const page = await engine.search('web editor files', { limit: 2, offset });
      assert.equal(page.total, all.total);
      paged.push(...page.hits.map((hit) => hit.attribute_path));
    }
    assert.deepEqual(
      paged,
      all.hits.map((hit) => hit.attribute_path),
    );
  });

  it('explains a score by parts that sum up to it', async () => {
    const { hits } = await engine.search('web server', { limit: 20, explain: true });
    for (const hit of hits) {
      const sum = Object.values(hit.explanation?.points ?? {}).reduce((total, part) => total + part, 0);
      assert.ok(Math.abs(sum - hit.score) < 0.01, `${hit.attribute_path}: ${sum} and ${hit.score}`);
    }
  });

  it('answers anything', async () => {
    const odd = [
      '',
      ' ',
      '???',
      "'; DROP TABLE packages --",
      '"',
      '\u0000',
      '\uD800',
      '%_',
      '*',
      '+',
      'a'.repeat(5000),
      'the',
      '.',
      '@',
      '-rg',
      '(',
      '[a-z',
      '\\',
    ];
    for (const query of odd) await engine.search(query, { limit: 10 });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (query) => {
        const { hits, total } = await engine.search(query, { limit: 10 });
        assert.ok(hits.length <= total);
      }),
      { numRuns: 200 },
    );
  });

  for (const rows of [20, 400]) {
    it(`finds what is near in meaning among ${rows} vectors, ${rows < 256 ? 'one by one' : 'by their index'}`, async (t) => {
      const other = await mkdtemp(join(tmpdir(), 'fdnix-search-'));
      t.after(() => rm(other, { recursive: true, force: true }));
      const others = Array.from({ length: rows }, (_, index) =>
        row(`package-${index}`, { description: 'Something else' }),
      );
      const vectors = new Map(others.map(({ package_id }, index) => [package_id, around(index + 2)]));
      const meant = row('speech-to-text', { description: 'Writes down what is said' });
      vectors.set(meant.package_id, around(1));
      const silent = row('without-vector', { description: 'Nothing' });
      await writePackagesDataset(other, [...others, meant, silent], [], vectors);
      const search = await open(other);
      const byWords = await search.search('transcription', { limit: 5 });
      assert.equal(byWords.total, 0);
      const { hits } = await search.search('transcription', { limit: 5, vector: around(1), explain: true });
      assert.equal(hits[0]?.attribute_path, 'speech-to-text');
      assert.ok((hits[0].explanation?.meaning ?? 0) > 0.99);
      const filtered = await search.search('transcription', { limit: 5, vector: around(1), filters: { broken: true } });
      assert.equal(filtered.total, 0);
    });
  }

  it('does not depend on the order in which rows are stored', async (t) => {
    const other = await mkdtemp(join(tmpdir(), 'fdnix-search-'));
    t.after(() => rm(other, { recursive: true, force: true }));
    await writePackagesDataset(other, packages.toReversed());
    const reversed = await open(other);
    for (const [query] of firsts) {
      const hits = (search: Search) =>
        search.search(query, { limit: 20 }).then((result) => result.hits.map((hit) => [hit.attribute_path, hit.score]));
      assert.deepEqual(await hits(reversed), await hits(engine));
    }
  });
});

/** Directions that have nothing to do with each other. */
function around(index: number): number[] {
  return Array.from({ length: 16 }, (_, at) => ((Math.sin(index * 12.9898 + at * 78.233) * 43_758.5453) % 1) - 0.1);
}

async function open(directory: string): Promise<Search> {
  const connection = await connectDataset(directory);
  return openSearch(await searchTable(await openTable(connection, 'packages')));
}
