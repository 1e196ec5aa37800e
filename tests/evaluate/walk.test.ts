import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Attempt, Outcome } from '../../src/evaluate/attempt.ts';
import { pathKey } from '../../src/evaluate/paths.ts';
import { condense } from '../../src/evaluate/stderr.ts';
import { walk } from '../../src/evaluate/walk.ts';

const share = { workers: 2, workerMiB: 2048 };
const alone = { workers: 1, workerMiB: 4096 };

/** An evaluator of some names whose worker has room for so many of them before it dies of the next one. */
function starving(names: string[], room: number, reason = 'a worker ran out of memory (std::bad_alloc)') {
  const done = new Set<string>();
  const given: string[] = [];
  const attempts: Attempt[] = [];
  return {
    done,
    given,
    attempts,
    deps: {
      done,
      alone,
      list: async () => null,
      giveUp: async ({ job }: { job: { path: string[] } }) => {
        given.push(...job.path);
        done.add(pathKey(job.path));
      },
      warn: () => {},
      async attempt(request: Attempt): Promise<Outcome> {
        attempts.push(request);
        const skip = new Set([...request.skip].map(pathKey));
        const wanted = request.only ?? names.map((name) => [name]);
        const open = wanted.filter((path) => !skip.has(pathKey(path)));
        for (const path of open.slice(0, room)) done.add(pathKey(path));
        const [next] = open.slice(room);
        const stderr = condense();
        if (next === undefined) return { kind: 'complete', stderr };
        return { kind: 'died', reason, suspects: [next.map(String)], lines: Math.min(room, open.length), stderr };
      },
    },
  };
}

describe('walking a package set', () => {
  it('gives up no attribute that was not evaluated alone', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const room of [1, 2, 3]) {
      const evaluator = starving(names, room);
      await walk(evaluator.deps, share);
      assert.deepEqual([evaluator.given, evaluator.done.size], [[], names.length], `room for ${room}`);
    }
  });

  it('gives an attribute that is evaluated alone the whole budget, and then up', async () => {
    const evaluator = starving(['a'], 0);
    await walk(evaluator.deps, share);
    assert.deepEqual(evaluator.given, ['a']);
    const last = evaluator.attempts.at(-1);
    assert.deepEqual([last?.workers, last?.workerMiB, last?.only], [1, alone.workerMiB, [['a']]]);
  });

  it('takes no death for one of memory because of the attribute that it names', async () => {
    const names = ['a', 'memory-profiler', 'b'];
    const died = `while reading result for attrPath 'memory-profiler', evaluation worker exited with exit code 1`;
    const evaluator = starving(names, 1, died);
    await walk(evaluator.deps, share);
    assert.deepEqual([evaluator.attempts[1]?.workers, evaluator.attempts[1]?.workerMiB], [2, 2048]);
    const starved = starving(names, 1);
    await walk(starved.deps, share);
    assert.deepEqual(starved.attempts[1]?.workers, 1);
  });
});
