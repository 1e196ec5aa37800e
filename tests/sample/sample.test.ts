import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeSample } from '../../scripts/make-sample.ts';
import type { RawJob } from '../../src/model.ts';
import { noRecording, recordedJobs } from '../support/recording.ts';

const sample = new URL('../../sample/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, sample), 'utf8');
const jobs = read('nixpkgs-sample.jsonl')
  .trimEnd()
  .split('\n')
  .map((line): RawJob => JSON.parse(line));
const packages = jobs.filter((job) => job.drvPath);
const byAttr = new Map(packages.map((job) => [job.attr, job]));

function inputsOf(job: RawJob): string[] {
  const { buildInputs, nativeBuildInputs, propagatedBuildInputs, propagatedNativeBuildInputs } = job.extraValue ?? {};
  return [buildInputs, nativeBuildInputs, propagatedBuildInputs, propagatedNativeBuildInputs].flatMap((list) => list ?? []);
}

function licenseType({ meta }: RawJob): unknown {
  const license = meta?.license;
  return typeof license === 'object' && license !== null && !Array.isArray(license) ? license.licenseType : null;
}

function keysOf(job: RawJob): string[] {
  return [...Object.keys(job), ...Object.keys(job.meta ?? {}).map((key) => `meta.${key}`)];
}

/** Descriptions and their sentences in a form in which case, punctuation and line breaks do not matter. */
function sentences(text: string): string[] {
  return text
    .split(/[.!?](?:\s|$)|\n\n/)
    .map((sentence) => sentence.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim())
    .filter((sentence) => sentence.split(' ').length >= 4);
}

test('the sample is what its source makes', () => {
  const made = makeSample(read('packages.yaml'));
  assert.equal(read('nixpkgs-sample.jsonl'), made['nixpkgs-sample.jsonl']);
  assert.equal(read('references.json'), made['references.json']);
});

test('at least 120 packages, each attribute once, among them those that people try first', () => {
  assert.ok(packages.length >= 120, `${packages.length} packages`);
  assert.equal(new Set(jobs.map((job) => job.attr)).size, jobs.length);
  const expected = 'git ripgrep neovim python3 python313Packages.numpy python313Packages.requests python314Packages.numpy gtk3 gtk4 nodejs gcc curl openssl zlib postgresql_16 postgresql_17 nginx firefox libreoffice hello gnumake cmake pkg-config ffmpeg imagemagick';
  for (const attr of expected.split(' ')) assert.ok(byAttr.has(attr), attr);
});

test('derivation paths are valid, and every edge leads to a package or a hook', () => {
  const known = new Set(packages.map((job) => job.drvPath));
  let edges = 0;
  for (const job of packages) {
    assert.match(job.drvPath ?? '', /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-[\w+.?=-]+\.drv$/);
    for (const input of inputsOf(job)) {
      edges += 1;
      assert.ok(known.has(input) || input.endsWith('-hook.drv'), `${job.attr} has the input ${input}`);
    }
  }
  assert.ok(edges > 500, `${edges} edges`);
});

test('no package depends on itself', () => {
  const byDrv = new Map(packages.map((job) => [job.drvPath, job]));
  const state = new Map<string, 'open' | 'done'>();
  const visit = (job: RawJob, trail: string[]) => {
    const drv = job.drvPath ?? '';
    assert.notEqual(state.get(drv), 'open', [...trail, job.attr].join(' -> '));
    if (state.has(drv)) return;
    state.set(drv, 'open');
    for (const input of inputsOf(job)) {
      const next = byDrv.get(input);
      if (next) visit(next, [...trail, job.attr]);
    }
    state.set(drv, 'done');
  };
  for (const job of packages) visit(job, []);
});

test('every quirk that readers must cope with is there', () => {
  const some = (what: string, holds: (job: RawJob) => boolean) => assert.ok(jobs.some(holds), what);
  assert.ok(jobs.filter((job) => job.error).length >= 3, 'errors');
  some('broken', (job) => job.meta?.broken === true);
  some('unfree', (job) => job.meta?.unfree === true);
  some('unsupported', (job) => job.meta?.unsupported === true);
  some('insecure with reasons', (job) => job.meta?.insecure === true && (job.meta.knownVulnerabilities?.length ?? 0) > 0);
  some('list of licenses', (job) => Array.isArray(job.meta?.license));
  some('compound license', (job) => licenseType(job) === 'compound');
  some('license with an exception', (job) => licenseType(job) === 'exception');
  some('team', (job) => (job.meta?.teams?.length ?? 0) > 0);
  some('several home pages', (job) => Array.isArray(job.meta?.homepage));
  some('no pname', (job) => job.extraValue?.pname === null);
  assert.ok(new Set(packages.map((job) => job.drvPath)).size < packages.length, 'two attribute paths of one derivation');
});

test('references name packages of the sample', () => {
  const references: Record<string, unknown> = JSON.parse(read('references.json'));
  assert.ok(Object.keys(references).length > 50);
  for (const attr of Object.keys(references)) assert.ok(byAttr.has(attr), attr);
});

function textsOf({ meta, error }: RawJob): string[] {
  return [meta?.description, meta?.longDescription, ...(error?.split('\n') ?? [])].filter((text) => typeof text === 'string');
}

/** All runs of at least four words. */
function parts(sentence: string): string[] {
  const words = sentence.split(' ');
  return words.flatMap((_, from) => words.slice(from + 3).map((__, more) => words.slice(from, from + more + 4).join(' ')));
}

test('has the keys of a recorded evaluation, and no sentence of it', { skip: noRecording }, async () => {
  const keys = new Set<string>();
  const recorded = new Set<string>();
  const descriptions = new Map<string, unknown>();
  for await (const job of recordedJobs()) {
    for (const key of keysOf(job)) keys.add(key);
    for (const sentence of textsOf(job).flatMap(sentences)) recorded.add(sentence);
    descriptions.set(job.attr, job.meta?.description?.toLowerCase());
  }
  for (const job of jobs) {
    for (const key of keysOf(job)) assert.ok(keys.has(key), `${job.attr}: ${key}`);
    if (job.meta) assert.notEqual(job.meta.description?.toLowerCase(), descriptions.get(job.attr), job.attr);
    for (const part of textsOf(job).flatMap(sentences).flatMap(parts)) {
      assert.ok(!recorded.has(part), `${job.attr}: "${part}" is a sentence of the recording`);
    }
  }
});
