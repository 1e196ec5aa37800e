import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';

/** Makes a directory and those above it. (Node's own way does not end where a file system such as /proc refuses one.) */
export async function makeDirectory(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeDirectory(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Links every file of a dataset into the directory `to`; the two kinds that Lance rewrites in place are copied. */
export async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(target);
      await linkTree(source, target);
    } else if (entry.name.endsWith('.json')) await copyFile(source, target);
    else await linkOrCopy(source, target);
  }
}

/** Some file systems know no hard links, or only so many of a file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(codeOf(error) ?? '')) throw error;
    await copyFile(source, target);
  }
}

/** Makes sure that a crash of the machine cannot leave a directory with empty files behind. */
export async function flushTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await flushTree(path);
      else await flush(path);
    }),
  );
  await flush(directory);
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { nlink } = await file.stat();
    if (nlink < 2 || existsSync(`${path}/.`)) await file.sync();
  } finally {
    await file.close();
  }
}
