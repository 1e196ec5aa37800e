import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluatorCommand, nixString } from '../../src/evaluate/arguments.ts';
import { asksDaemon, evaluatorEnvironment, onDisk } from '../../src/process/nix-environment.ts';
import { parseJobLine, type JobLine } from '../../src/evaluate/job-line.ts';
import { lineSplitter, refuseLongLine } from '../../src/evaluate/lines.ts';
import { pathKey, pathTree, type PathTree } from '../../src/evaluate/paths.ts';
import { openSpool } from '../../src/evaluate/spool.ts';
import { startGroup } from '../../src/process/group.ts';
import { quoteCommand } from '../../src/process/quote.ts';
import { temporaryDirectory } from '../support/directory.ts';

const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a', 'b', '__proto__', 'constructor', 'x.y'));
const attributePath = fc.array(name, { minLength: 1, maxLength: 4 });

describe('attribute paths', () => {
  it('are all in their tree, which holds nothing else', () => {
    fc.assert(
      fc.property(fc.array(attributePath), (paths) => {
        const tree: PathTree = JSON.parse(JSON.stringify(pathTree(paths)));
        const leaves = new Set(leavesOf(tree).map(pathKey));
        for (const some of paths) {
          const covered = some.some((_, depth) => leaves.has(pathKey(some.slice(0, depth + 1))));
          assert.ok(covered, pathKey(some));
        }
        const given = new Set(paths.map(pathKey));
        for (const leaf of leaves) assert.ok(given.has(leaf), leaf);
      }),
    );
  });
});

function leavesOf(tree: PathTree, above: string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, below]) =>
    below === true ? [[...above, key]] : leavesOf(below, [...above, key]),
  );
}

describe('lines', () => {
  it('are the same however the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const text = Buffer.from(parts.join('\n'));
        const splitter = lineSplitter(refuseLongLine('it'));
        const lines: string[] = [];
        for (let at = 0; at < text.length; at += size) lines.push(...splitter.push(text.subarray(at, at + size)));
        assert.deepEqual([...lines, splitter.rest()], text.toString().split('\n'));
      }),
    );
  });

  it('that do not end are refused, or cut where that breaks nothing', () => {
    const endless = lineSplitter(refuseLongLine('The output'), 10);
    assert.deepEqual(endless.push(Buffer.from('ab\ncdefgh')), ['ab']);
    assert.throws(
      () => endless.push(Buffer.from('ijklm')),
      /^KnownError: The output has 11 characters without a line feed/,
    );
    const cutting = lineSplitter(() => undefined, 10);
    assert.deepEqual(cutting.push(Buffer.from('abcdefghijk')), ['abcdefghijk']);
    assert.deepEqual(cutting.push(Buffer.from('l\nm')), ['l']);
    assert.equal(cutting.rest(), 'm');
  });
});

describe('quoting', () => {
  it('gives a command that a shell reads back as it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
          { minLength: 1, maxLength: 4 },
        ),
        (words) => {
          const shown = execFileSync('sh', ['-c', String.raw`printf '%s\0' ${quoteCommand(words)}`], {
            encoding: 'utf8',
          });
          assert.deepEqual(shown.split('\0').slice(0, -1), words);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves nothing in a Nix string to interpolate or to end it', () => {
    assert.equal(nixString('a"b\\c${d}'), String.raw`"a\"b\\c\${d}"`);
  });

  it('asks for names alone where that is enough', () => {
    const request = {
      program: 'p',
      expressionFile: '/e',
      applyFile: '/a',
      requestFile: '/r',
      workers: 1,
      workerMiB: 9,
    };
    const command = evaluatorCommand({ ...request, names: true, flake: true });
    assert.ok(!command.includes('--meta') && !command.includes('--apply'));
    assert.ok(command.includes('nix-command flakes'));
  });
});

describe('a leashed group', () => {
  it('ends as its program does', async () => {
    for (const [script, expected] of [
      ['exit 0', { code: 0, signal: null }],
      ['exit 7', { code: 7, signal: null }],
      ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
      ['kill -SEGV $$', { code: null, signal: 'SIGSEGV' }],
    ] as const) {
      const { code, signal } = await startGroup(['sh', '-c', script], { leashed: true }).exit;
      assert.deepEqual({ code, signal }, expected);
    }
  });
});

describe('the environment of the evaluator', () => {
  const readOnly = { exists: (path: string) => path === '/nix' || path === '/', writable: () => false };

  it('gets a store of its own where /nix cannot be written and no daemon answers', () => {
    assert.equal(evaluatorEnvironment({}, '/cache', readOnly)['NIX_REMOTE'], 'local?root=/cache/store');
    const odd = evaluatorEnvironment({}, '/a b&c/50%', readOnly);
    assert.equal(odd['NIX_REMOTE'], 'local?root=/a%20b%26c/50%25/store');
    assert.equal(onDisk('/nix/store/x', odd), '/a b&c/50%/store/nix/store/x');
    const daemon = { ...readOnly, exists: (path: string) => path.endsWith('socket') };
    assert.equal(evaluatorEnvironment({}, '/cache', daemon)['NIX_REMOTE'], undefined);
    const writable = { ...readOnly, writable: () => true };
    assert.equal(evaluatorEnvironment({}, '/cache', writable)['NIX_REMOTE'], undefined);
  });

  it('knows where the paths of a store are', () => {
    const path = '/nix/store/x-source';
    assert.equal(onDisk(path, { NIX_REMOTE: 'local?root=/my%20cache/store' }), `/my cache/store${path}`);
    assert.equal(onDisk(path, { NIX_REMOTE: 'local?read-only=true&root=/r&x=y' }), `/r${path}`);
    for (const environment of [{}, { NIX_REMOTE: 'daemon' }]) assert.equal(onDisk(path, environment), path);
  });

  it('tells a daemon from a store that this process would open', () => {
    const there = { exists: () => true, writable: () => false };
    assert.equal(asksDaemon({}, there), true);
    assert.equal(
      asksDaemon({}, { ...there, writable: () => true }),
      false,
      'the owner of the store goes past the daemon',
    );
    assert.equal(asksDaemon({}, readOnly), false);
    assert.equal(asksDaemon({ NIX_REMOTE: 'local?root=/s' }, there), false);
    assert.equal(asksDaemon({ NIX_REMOTE: 'daemon' }, readOnly), true);
  });

  it('leaves the choice to whoever set NIX_REMOTE', () => {
    assert.equal(evaluatorEnvironment({ NIX_REMOTE: 'daemon' }, '/s', readOnly)['NIX_REMOTE'], 'daemon');
  });
});

function line(attr: string, error?: string): { text: string; job: JobLine } {
  const text = JSON.stringify({ attr, attrPath: [attr], ...(error === undefined ? {} : { error }) });
  return { text, job: parseJobLine(text) ?? assert.fail() };
}

describe('a spool', () => {
  const about = { system: 'x86_64-linux', revision: 'r' };

  it('keeps whole lines and cuts off whatever follows them', async (t) => {
    for (const rubbish of ['{"attr":"c","attrPa', '\0\0\0\0\n{"attr":"d","attrPath":["d"]}\n', '[]\n', '"ü']) {
      const directory = await temporaryDirectory(t);
      const first = await openSpool(directory, about);
      await first.append([line('a'), line('b', 'error: no')]);
      await first.close();
      await appendFile(first.file, rubbish);
      const second = await openSpool(directory, about);
      assert.deepEqual([...second.done], [pathKey(['a']), pathKey(['b'])]);
      assert.deepEqual([second.wasComplete, second.resumed, second.failed()], [false, 2, 1]);
      await second.append([line('ü'), line('a', 'error: once more')]);
      await second.complete();
      await second.close();
      const third = await openSpool(directory, about);
      assert.deepEqual([third.wasComplete, third.resumed, third.failed()], [true, 3, 1]);
      await third.close();
      assert.equal((await readFile(third.file, 'utf8')).split('\n').length, 4);
    }
  });

  it('that was changed after it was complete is not taken for complete', async (t) => {
    const directory = await temporaryDirectory(t);
    const first = await openSpool(directory, about);
    await first.append([line('a')]);
    await first.complete();
    await first.close();
    await appendFile(first.file, '{"attr":"b","attrPath":["b"]}\n');
    const second = await openSpool(directory, about);
    assert.deepEqual([second.wasComplete, second.resumed], [false, 2]);
    await second.close();
  });
});
