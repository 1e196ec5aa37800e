import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KnownError } from '../../src/errors.ts';
import { evaluate, type Evaluation } from '../../src/evaluate/evaluate.ts';
import { probeEvaluator } from '../../src/evaluate/probe.ts';
import type { JobStream, RawJob } from '../../src/model.ts';
import type { FakeAttribute, FakePlan } from '../fixtures/nix-eval-jobs.ts';
import { fakeEvaluator, jobsOf, target } from '../support/evaluator.ts';

/** Twenty packages, two sets, an error, a function. */
function packageSet(special: Record<string, FakeAttribute> = {}): FakePlan['attributes'] {
  const plain = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${String(n).padStart(2, '0')}`, {}]));
  return {
    ...plain,
    failing: { error: 'error: it does not evaluate' },
    aFunction: { other: true },
    sets: { set: { one: {}, 'two.dots': {}, deeper: { set: { three: {} } } } },
    hidden: { recurse: false, set: { secret: {} } },
    ...special,
  };
}

const plainPaths = [
  ...Array.from({ length: 20 }, (_, n) => `p${String(n).padStart(2, '0')}`),
  'failing',
  'sets.one',
  'sets."two.dots"',
  'sets.deeper.three',
].toSorted();

function attributes(jobs: RawJob[]): string[] {
  return jobs.map((job) => job.attr).toSorted();
}

async function only(evaluation: Promise<Evaluation>): Promise<JobStream> {
  const [stream] = (await evaluation).streams;
  return stream ?? assert.fail('there is no stream');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('evaluate', { concurrency: 3 }, () => {
  it('streams every line as it was printed, and keeps the evaluation', async (t) => {
    const fake = await fakeEvaluator(t, {
      attributes: packageSet({ unicode: { line: { meta: { description: 'Größe 🧊' } } } }),
    });
    const jobs = await fake.evaluate();
    assert.deepEqual(attributes(jobs), [...plainPaths, 'unicode'].toSorted());
    assert.equal(jobs.find((job) => job.attr === 'unicode')?.meta?.description, 'Größe 🧊');
    assert.deepEqual(attributes(await fake.evaluate()), attributes(jobs));
    assert.equal((await fake.log()).starts.length, 1, 'the second time nothing is evaluated');
  });

  it('asks the evaluator to build and write nothing, in an environment without the user in it', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { hello: {} } });
    const secrets = {
      NIXPKGS_CONFIG: '/x',
      NIXPKGS_ALLOW_UNFREE: '1',
      NIX_PATH: 'nixpkgs=/x',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    await fake.evaluate({ environment: { ...process.env, ...secrets, NIX_CONFIG: 'cores = 1' } });
    const [start] = (await fake.log()).starts;
    assert.ok(start);
    assert.ok(start.args.includes('--no-instantiate'));
    assert.match(start.args.join(' '), /--option allow-import-from-derivation false/);
    for (const name of Object.keys(secrets)) assert.equal(start.environment[name], undefined, name);
    assert.equal(start.environment['NIX_CONFIG'], 'cores = 1');
  });

  it('goes on where a killed run stopped, whatever it left half-written', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet(), delayMs: 20 });
    const stream = await only(evaluate(target, fake.deps, fake.context));
    let seen = 0;
    for await (const lines of stream.lines) {
      seen += lines.length;
      if (seen >= 10) break;
    }
    await assert.rejects(async () => stream.finished?.());
    const [spool = ''] = await readdir(join(fake.deps.cacheDirectory, 'evaluations'));
    const file = join(fake.deps.cacheDirectory, 'evaluations', spool, 'jobs.jsonl');
    await appendFile(file, '{"attr":"p19","attrPath":["p1');
    const kept = (await readFile(file, 'utf8')).split('\n').length - 1;
    assert.ok(kept >= 10);
    const [killed] = (await fake.log()).starts;
    assert.ok(killed !== undefined && !isAlive(killed.pid), 'the evaluator is gone');

    await fake.change({ attributes: packageSet() });
    assert.deepEqual(attributes(await fake.evaluate()), plainPaths);
    const again = [...(await fake.log()).begun.values()].filter((times) => times > 1).length;
    assert.ok(again <= 2, `${again} attributes were evaluated twice`);
  });

  it('evaluates anew for another revision, and removes what that replaces', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { hello: {} } });
    await fake.evaluate();
    const stream = await only(evaluate({ ...target, key: 'k2', revision: 'r2' }, fake.deps, fake.context));
    assert.equal((await jobsOf(stream)).length, 1);
    assert.equal((await fake.log()).starts.length, 2);
    assert.equal((await readdir(join(fake.deps.cacheDirectory, 'evaluations'))).length, 1);
  });

  it('minds nothing else that lies beside evaluations', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { hello: {} } });
    const evaluations = join(fake.deps.cacheDirectory, 'evaluations');
    await mkdir(evaluations, { recursive: true });
    await writeFile(join(evaluations, 'notes.txt'), 'mine');
    // As a directory looks that another run has just removed.
    await symlink('/nowhere', join(evaluations, 'gone'));
    assert.equal((await fake.evaluate()).length, 1);
    assert.equal((await readdir(evaluations)).length, 3);
  });

  it('evaluates several systems one after the other, each with its own stream', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet() });
    const systems = ['x86_64-linux', 'aarch64-darwin'];
    const { streams } = await evaluate(target, { ...fake.deps, systems }, fake.context);
    // Read in the other order: what nobody reads yet is on disk.
    const darwin = await jobsOf(streams[1] ?? assert.fail());
    const linux = await jobsOf(streams[0] ?? assert.fail());
    assert.deepEqual(attributes(linux), plainPaths);
    assert.deepEqual(new Set(darwin.flatMap((job) => job.system ?? [])), new Set(['aarch64-darwin']));
    assert.deepEqual(new Set(linux.flatMap((job) => job.system ?? [])), new Set(['x86_64-linux']));
  });

  it('stops the next system when nobody reads the rest of one that is evaluated', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet(), delayMs: 100 });
    const systems = ['x86_64-linux', 'aarch64-linux'];
    const { streams } = await evaluate(target, { ...fake.deps, systems }, fake.context);
    const [first, second] = streams;
    const lines = (first ?? assert.fail()).lines[Symbol.asyncIterator]();
    assert.notEqual((await lines.next()).done, true);
    await first?.finished?.();
    while ((await fake.log()).starts.length < 2) await sleep(20);
    await lines.return?.();
    await assert.rejects(async () => second?.finished?.(), /aborted/);
  });

  it('does not begin with a system after one that failed', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, garbage: 'rubbish' });
    const systems = ['x86_64-linux', 'aarch64-linux'];
    const { streams } = await evaluate(target, { ...fake.deps, systems }, fake.context);
    const ends = await Promise.allSettled(streams.map(jobsOf));
    for (const end of ends) assert.match(end.status === 'rejected' ? String(end.reason) : '', /not the JSON of a job/);
    assert.equal((await fake.log()).starts.length, 1);
  });
});

describe('an evaluator that dies', { concurrency: 3 }, () => {
  it('loses nothing when a worker dies once', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet({ p05: { dies: 'once' } }) });
    const jobs = await fake.evaluate();
    assert.deepEqual(attributes(jobs), plainPaths);
    assert.equal(jobs.filter((job) => job.error !== undefined).length, 1);
  });

  it('records the attributes that kill it, wherever they are, and evaluates all others', async (t) => {
    const deadly: FakeAttribute = { dies: 'always' };
    const set = { set: { one: {}, deadly, 'two.dots': {}, deeper: { set: { three: {}, deadly } } } };
    const fake = await fakeEvaluator(t, { attributes: packageSet({ p00: deadly, p07: deadly, sets: set }) });
    const jobs = await fake.evaluate();
    assert.deepEqual(attributes(jobs), [...plainPaths, 'sets.deadly', 'sets.deeper.deadly'].toSorted());
    const died = jobs.filter((job) => job.error?.includes('died on this attribute') === true);
    assert.deepEqual(attributes(died), ['p00', 'p07', 'sets.deadly', 'sets.deeper.deadly']);
    assert.match(died[0]?.error ?? '', /exited with exit code 1/);
    assert.ok(Math.max(...(await fake.log()).begun.values()) <= 4, 'what was done is not done again');
  });

  it('evaluates alone what only dies beside others', async (t) => {
    const fake = await fakeEvaluator(t, {
      attributes: packageSet({ p03: { dies: 'with others' }, p04: { dies: 'with others' } }),
    });
    const jobs = await fake.evaluate();
    assert.deepEqual(attributes(jobs), plainPaths);
    assert.equal(jobs.filter((job) => job.error !== undefined).length, 1);
  });

  it('finds the deadly ones by halving where nothing announces them', async (t) => {
    const deadly: FakeAttribute = { dies: 'always' };
    const fake = await fakeEvaluator(t, {
      attributes: packageSet({ p00: deadly, p11: deadly, p12: deadly }),
      silent: true,
    });
    const jobs = await fake.evaluate();
    assert.deepEqual(attributes(jobs), plainPaths);
    assert.deepEqual(attributes(jobs.filter((job) => job.error?.includes('died on') === true)), ['p00', 'p11', 'p12']);
  });

  it('starts smaller workers where the system does not let them grow', async (t) => {
    const attributesWithSize = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`q${n}`, { mib: 100 }]));
    for (const unburied of [false, true]) {
      const fake = await fakeEvaluator(t, { attributes: attributesWithSize, hardLimitMiB: 1500, unburied });
      const jobs = await fake.evaluate();
      assert.equal(jobs.length, 40);
      assert.equal(jobs.filter((job) => job.error !== undefined).length, 0);
      const sizes = (await fake.log()).starts.map(({ args }) => ({ workers: args[1], workerMiB: Number(args[3]) }));
      const [first, second] = sizes;
      assert.deepEqual([first?.workers, second?.workers], ['2', '1']);
      assert.ok((second?.workerMiB ?? 0) < (first?.workerMiB ?? 0));
    }
  });

  it('does not take a starved worker for attributes that fail', async (t) => {
    const sized = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`q${n}`, { mib: 100 }]));
    const fake = await fakeEvaluator(t, { attributes: { ...sized, huge: { mib: 4000 } }, addressSpaceMiB: 1500 });
    const jobs = await fake.evaluate();
    assert.equal(jobs.length, 41);
    assert.deepEqual(attributes(jobs.filter((job) => job.error !== undefined)), ['huge']);
    assert.match(jobs.find((job) => job.attr === 'huge')?.error ?? '', /ran out of memory/);
  });

  it('does not take the last words of a worker whose collector was killed for an error of the package set', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet(), collectorKilledAt: 'p09' });
    assert.deepEqual(attributes(await fake.evaluate()), plainPaths);
    assert.equal((await fake.log()).starts.length, 2);
  });

  it('drops half a line and evaluates its attribute again', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet({ p09: { half: true } }) });
    assert.deepEqual(attributes(await fake.evaluate()), plainPaths);
  });

  it('stops one that hangs and ignores SIGTERM, and records on what', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {}, b: { stalls: true }, c: {} } });
    const jobs = await fake.evaluate({ stallMs: 1500, graceMs: 200 });
    assert.deepEqual(attributes(jobs), ['a', 'b', 'c']);
    assert.match(jobs.find((job) => job.attr === 'b')?.error ?? '', /printed nothing for too long/);
    for (const { pid } of (await fake.log()).starts) assert.equal(isAlive(pid), false);
  });
});

describe('an evaluation that cannot go on', { concurrency: 3 }, () => {
  it('ends when it is cancelled, and takes the evaluator with it', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {}, b: { stalls: true } } });
    const controller = new AbortController();
    const stream = await only(evaluate(target, fake.deps, { ...fake.context, signal: controller.signal }));
    const reading = jobsOf(stream);
    while ((await fake.log()).begun.size < 2) await sleep(20);
    controller.abort(new Error('enough'));
    await assert.rejects(reading, /enough/);
    await assert.rejects(async () => stream.finished?.(), /enough/);
    for (const { pid } of (await fake.log()).starts) assert.equal(isAlive(pid), false);
  });

  it('is stopped when its time is over, and keeps what it did', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {}, b: {}, c: { stalls: true } } });
    const limits = { ...fake.deps.limits, timeoutMinutes: 0.05 };
    await assert.rejects(
      fake.evaluate({ limits, graceMs: 200 }),
      /took longer than 0\.05 minutes and was stopped after 2 attributes\. They are kept: run it again/,
    );
    await fake.change({ attributes: { a: {}, b: {}, c: {} } });
    assert.deepEqual(attributes(await fake.evaluate()), ['a', 'b', 'c']);
    assert.deepEqual(Object.fromEntries((await fake.log()).begun), { a: 1, b: 1, c: 2 });
  });

  it('quotes a line that is no job', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, garbage: 'Segmentation fault <html>' });
    await assert.rejects(fake.evaluate(), /not the JSON of a job:\n {2}Segmentation fault <html>/);
  });

  it('refuses output that never ends a line, and bears it in what is said beside it', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, endless: { stdout: 600 } });
    await assert.rejects(fake.evaluate(), (error: Error) => {
      assert.match(error.message, /The output of .*nix-eval-jobs has [67]\d{7} characters without a line feed/);
      return error instanceof KnownError;
    });
    await fake.change({ attributes: { a: {} }, endless: { stderr: 600 } });
    assert.deepEqual(attributes(await fake.evaluate()), ['a']);
  });

  it('says what the package set itself fails with', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: {}, rootError: "undefined variable 'pkgs'" });
    await assert.rejects(fake.evaluate(), /The package set does not evaluate:\n.*undefined variable 'pkgs'/);
    assert.equal((await fake.log()).starts.length, 1);
  });

  it('shows the last lines of an evaluator that never evaluates anything', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, refuses: 'error: cannot open the store' });
    await assert.rejects(fake.evaluate(), /died before it evaluated anything.*\n.*cannot open the store/);
  });

  it('names the tool and the remedy where it is missing or too old', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, lacks: ['--apply', '--no-instantiate'] });
    await assert.rejects(fake.evaluate(), /It lacks --apply, --no-instantiate\. Install nix-eval-jobs/);
    await assert.rejects(
      fake.evaluate({ program: 'no-such-nix-eval-jobs' }),
      /no-such-nix-eval-jobs is not on PATH\. Install/,
    );
  });

  it('does not wait for ever for a store that does not answer', { timeout: 30_000 }, async (t) => {
    const fake = await fakeEvaluator(t, { attributes: {}, mute: true });
    const probed = probeEvaluator(fake.program, process.env, fake.context.signal, 1500);
    await assert.rejects(probed, /cannot evaluate anything here: it gave no answer for 1\.5 seconds\. .*NIX_REMOTE/);
  });

  it('says which disk is full and what to do, and keeps what it has', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet() });
    await fake.evaluate();
    const evaluations = join(fake.deps.cacheDirectory, 'evaluations');
    const [spool = ''] = await readdir(evaluations);
    const file = join(evaluations, spool, 'jobs.jsonl');
    await rm(file);
    await symlink('/dev/full', file);
    await assert.rejects(fake.evaluate(), (error: Error) => {
      assert.match(error.message, new RegExp(`^${join(evaluations, spool)}: the disk is full; .* cache\\.path`));
      return error instanceof KnownError;
    });
    await rm(file);
    assert.deepEqual(attributes(await fake.evaluate()), plainPaths);
    await assert.rejects(
      fake.evaluate({ cacheDirectory: '/dev/null/cache' }),
      /cannot be written \(ENOTDIR\)\. Set cache/,
    );
  });

  it('begins with nothing that nobody reads', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} } });
    const { streams, nixVersion } = await evaluate(target, fake.deps, fake.context);
    await sleep(300);
    assert.equal((await fake.log()).starts.length, 0);
    assert.equal(streams.length, 1);
    assert.equal(nixVersion, '2.33.9');
  });

  it('refuses to share an evaluation with another process', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} } });
    await fake.evaluate();
    const evaluations = join(fake.deps.cacheDirectory, 'evaluations');
    const [spool = ''] = await readdir(evaluations);
    const lock = join(evaluations, spool, 'lock');
    await assert.rejects(stat(lock), 'the lock goes with the run');
    const holder = fork(fileURLToPath(new URL('../fixtures/take-lock.ts', import.meta.url)), [lock, 'hold']);
    t.after(() => holder.kill());
    await once(holder, 'message');
    await assert.rejects(
      fake.evaluate(),
      new RegExp(`another run \\(process ${holder.pid} on .*it evaluates the same package set: wait for it, or give`),
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.equal((await fake.evaluate()).length, 1, 'a lock without its process is taken over');
  });
});

describe('what an evaluation tells', { concurrency: 3 }, () => {
  it('condenses thousands of warnings into a few with their numbers', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} }, warnings: 26_000 });
    await fake.evaluate();
    const told = fake.events.flatMap((event) => (event.type === 'info' ? event.message : []));
    assert.ok(
      told.some((message) => /17333 × evaluation warning: 'pkg-\d+' is old\n {2}8667 × trace: warning:/.test(message)),
    );
    assert.ok(told.length < 10);
  });

  it('logs the command so that it can be run again, and sums up', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: packageSet() });
    await fake.evaluate();
    const command = fake.events.find((event) => event.type === 'info' && event.message.startsWith('Starting'));
    assert.match(command?.type === 'info' ? command.message : '', /--workers 2 .*--expr 'import "/);
    const step = fake.events.find((event) => event.type === 'step');
    assert.equal(step?.type === 'step' && step.counts['attributes'], plainPaths.length);
    assert.equal(step?.type === 'step' && step.counts['failed'], 1);
    assert.notEqual(step?.type === 'step' && step.counts['peakMiB'], 0, 'what was not measured is not told');
  });

  it('warns where more memory was asked for than there is', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {} } });
    await fake.evaluate({ machine: { cores: 2, coresFrom: 'x', memoryMiB: 4096, memoryFrom: 'x' } });
    const warnings = fake.events.flatMap((event) => (event.type === 'warning' ? event.message : []));
    assert.match(warnings.join('\n'), /maxMemoryMiB is 8192, but 4096 MiB are free/);
  });

  it('shows how many workers there are now', async (t) => {
    const sized = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`q${n}`, { mib: 100 }]));
    const fake = await fakeEvaluator(t, { attributes: sized, hardLimitMiB: 1500, delayMs: 60 });
    await fake.evaluate();
    const details = fake.events.flatMap((event) => (event.type === 'progress' ? (event.detail ?? '') : []));
    assert.match(details.at(-1) ?? '', /^1 worker(?:,|$)/);
  });

  it('tells every second how it goes, also while nothing is printed', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {}, b: { stalls: true } } });
    await fake.evaluate({ stallMs: 2500, graceMs: 200 });
    const counts = fake.events.flatMap((event) => (event.type === 'progress' ? event.done : []));
    assert.ok(counts.filter((done) => done === 1).length >= 2, counts.join(' '));
  });

  it('knows of one system how many attributes to expect for the next', async (t) => {
    const fake = await fakeEvaluator(t, { attributes: { a: {}, b: {}, c: {} }, delayMs: 500 });
    await fake.evaluate({ systems: ['x86_64-linux', 'aarch64-linux'] });
    const totals = fake.events.flatMap((event) => (event.type === 'progress' ? [[event.task, event.total]] : []));
    assert.deepEqual(totals.at(-1), ['evaluate aarch64-linux', 3]);
  });
});
