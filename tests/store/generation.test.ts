import { connect } from '@lancedb/lancedb';
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { writeGeneration } from '../../src/store/generation.ts';
import { takeLock } from '../../src/process/lock.ts';
import { readableDirectory, stateDirectoryOf } from '../../src/store/place.ts';
import { settleDataset } from '../../src/store/settle.ts';
import { temporaryDirectory } from '../support/directory.ts';

const { signal } = new AbortController();

/** A dataset that is one file, which says `text`. */
function write(path: string, text: string, keep = true): Promise<string | null> {
  return writeGeneration(path, { signal }, async ({ directory, previous }) => {
    await rm(join(directory, 'file'), { force: true });
    await writeFile(join(directory, 'file'), text);
    return { keep, result: previous };
  });
}

async function place(t: TestContext) {
  const base = await temporaryDirectory(t);
  const path = join(base, 'data');
  const store = join(base, '.data.d');
  const seen = () => readFile(join(readableDirectory(path) ?? '/nowhere', 'file'), 'utf8');
  return { path, store, seen, inside: () => readdir(store) };
}

test('readers see what was kept; the generation before stays, older ones go', async (t) => {
  const { path, store, seen, inside } = await place(t);
  assert.equal(readableDirectory(path), null);
  assert.equal(await write(path, 'one'), null);
  assert.equal(await write(path, 'two'), join(store, '1'));
  await write(path, 'not this', false);
  assert.equal(await seen(), 'two');
  await write(path, 'three');
  assert.equal(await seen(), 'three');
  assert.equal(await readFile(join(store, '2', 'file'), 'utf8'), 'two');
  assert.deepEqual(await inside(), ['2', '3']);
});

test('a writer that fails leaves everything as it was', async (t) => {
  const { path, seen, inside } = await place(t);
  await write(path, 'one');
  const failing = writeGeneration(path, { signal }, () => Promise.reject(new Error('lost the thread')));
  await assert.rejects(failing, /lost the thread/);
  assert.equal(await seen(), 'one');
  assert.deepEqual(await inside(), ['1']);
});

test('a plain directory becomes the first generation; an empty one is as good as none', async (t) => {
  const { path, store, seen } = await place(t);
  await (await connect(path)).createTable('packages', [{ package_id: 'a' }]);
  await writeFile(join(path, 'file'), 'a copy');
  assert.equal(await write(path, 'new'), join(store, '1'));
  assert.equal(await seen(), 'new');
  assert.equal(await readFile(join(store, '1', 'file'), 'utf8'), 'a copy');
  const other = await place(t);
  await mkdir(other.path);
  assert.equal(await write(other.path, 'first'), null);
});

test('while a plain directory is being replaced by a link, readers find it; the next run puts the link there', async (t) => {
  const { path, store, seen, inside } = await place(t);
  await mkdir(path);
  await writeFile(join(path, 'file'), 'a copy');
  await mkdir(store);
  // As a run leaves it that is killed in between.
  await symlink('.data.d/1', join(store, 'next'));
  await rename(path, join(store, '1'));
  assert.equal(readableDirectory(path), join(store, '1'));
  assert.equal(await seen(), 'a copy');
  await settleDataset(path);
  assert.equal(await readlink(path), '.data.d/1');
  assert.deepEqual(await inside(), ['1']);
});

test('what killed runs left goes, what phases keep stays', async (t) => {
  const { path, store, seen, inside } = await place(t);
  for (const text of ['one', 'two', 'three']) await write(path, text);
  const leftovers = ['staging/packages.lance', 'scratch', '1', '4'];
  for (const name of leftovers) await mkdir(join(store, name), { recursive: true });
  await symlink('.data.d/4', join(store, 'next'));
  await mkdir(stateDirectoryOf(path, 'embedding'));
  await settleDataset(path);
  assert.deepEqual(await inside(), ['2', '3', 'embedding']);
  assert.equal(await seen(), 'three');
});

test('a generation that was never linked is, where there is no other', async (t) => {
  const { path, seen } = await place(t);
  await write(path, 'whole');
  await rm(path);
  await settleDataset(path);
  assert.equal(await seen(), 'whole');
});

test('while another run is at work nothing is cleared up', async (t) => {
  const { path, store, inside } = await place(t);
  await write(path, 'one');
  const lock = await takeLock(join(store, 'lock'));
  await mkdir(join(store, 'staging'));
  await settleDataset(path);
  assert.deepEqual(await inside(), ['1', 'lock', 'staging']);
  await lock.release();
  await settleDataset(path);
  assert.deepEqual(await inside(), ['1']);
});

test('what is no dataset of ours is left alone', async (t) => {
  const { path } = await place(t);
  await writeFile(path, 'text');
  await assert.rejects(write(path, 'x'), /is a file; output paths must name a directory or nothing/);
  await rm(path);
  await symlink('/', path);
  await assert.rejects(write(path, 'x'), /is a symbolic link to \/, which is no generation of this dataset/);
});

test('a table whose files are not whole does not reach readers', async (t) => {
  const { path, seen } = await place(t);
  await write(path, 'one');
  const torn = writeGeneration(path, { signal }, async ({ directory }) => {
    await mkdir(join(directory, 'packages.lance', '_versions'), { recursive: true });
    return { keep: true, result: null };
  });
  await assert.rejects(torn, /the new dataset is not whole and was discarded: packages\.lance: .*holds no manifest/);
  assert.equal(await seen(), 'one');
});
