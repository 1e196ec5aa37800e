import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt } from '../../src/evaluate/attempt.ts';
import { fakeEvaluator } from '../support/evaluator.ts';

test('an evaluation that is cancelled while its request is written is not begun', async (t) => {
  const fake = await fakeEvaluator(t, { attributes: { a: {} } });
  const evaluator = {
    program: fake.program,
    expressionFile: '/nowhere/evaluate.nix',
    applyFile: '/nowhere/apply.nix',
    directory: fake.directory,
    target: {},
    environment: process.env,
    stallMs: 60_000,
    graceMs: undefined,
  };
  const request = { skip: [], only: null, trace: false, names: false, workers: 1, workerMiB: 1024 };
  const started: string[] = [];
  const events = { lines: async () => {}, started: (_: unknown, command: string) => void started.push(command) };
  const controller = new AbortController();
  const running = attempt(evaluator, request, events, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(running, /enough/);
  assert.deepEqual(started, []);
});
