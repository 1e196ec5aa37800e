import { createHash, type Hash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError, codeOf } from '../errors.ts';
import { classify } from './layout.ts';
import { publishedPaths } from './published-paths.ts';
import { checkPaths } from './safe-path.ts';
import { inWindow } from './window.ts';

/** A file of a dataset: its path below the dataset with `/` between the parts, its size in bytes and its SHA-256 (hex). */
export interface FileEntry {
  path: string;
  size: number;
  sha256: string;
}

/** A file as it was published: the ETag is the store's own name for exactly this content. */
export interface PublishedFile extends FileEntry {
  etag: string;
}

/**
 * Lists the files of a dataset that are published, with sizes and checksums, sorted by path: those of each table's newest version
 * (see `publishedPaths`), without the version hint, which readers of an object store do not use. Throws a KnownError where there is no dataset.
 */
export async function localInventory(directory: string, signal: AbortSignal): Promise<FileEntry[]> {
  const paths = await filesBelow(directory);
  if (!paths.some((path) => classify(path).kind === 'manifest')) {
    throw new KnownError(`${directory}: there is no LanceDB dataset (no table with a manifest)`);
  }
  checkPaths(paths, directory);
  const entries: FileEntry[] = [];
  await inWindow(await publishedPaths(directory, paths), 4, signal, async (path) => {
    const file = join(directory, path);
    const { size } = await stat(file);
    entries.push({ path, size, sha256: await sha256OfFile(file, signal) });
  });
  return entries.toSorted(byPath);
}

/** Paths of all regular files below a directory, without version hints. */
export async function filesBelow(directory: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(directory, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new KnownError(`${directory}: there is no dataset`, { cause: error });
    throw error;
  }
  const paths: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name).slice(directory.length).replaceAll('\\', '/').replace(/^\/+/, '');
    if (!entry.isFile())
      throw new KnownError(`${join(directory, path)}: neither a file nor a directory; a dataset has no links`);
    if (classify(path).kind !== 'hint') paths.push(path);
  }
  return paths;
}

/** SHA-256 (hex) of a file. */
export async function sha256OfFile(file: string, signal: AbortSignal): Promise<string> {
  return (await hashOfFile(file, signal)).digest('hex');
}

/** The SHA-256 of a file's bytes, to which more can be added. */
export async function hashOfFile(file: string, signal: AbortSignal): Promise<Hash> {
  const hash = createHash('sha256');
  // One buffer again and again: a stream's own would keep the collector busier than the processor is with hashing.
  const buffer = Buffer.allocUnsafeSlow(512 << 10);
  await using handle = await open(file);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash;
    hash.update(buffer.subarray(0, bytesRead));
  }
}

/** One checksum (SHA-256, hex) of all files, over lines as `sha256sum` writes them, sorted by path; where they lie does not count. */
export function contentOf(files: FileEntry[]): string {
  const lines = files.toSorted(byPath).map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** The bytes of the inventory object that goes with a snapshot: one JSON document, a file a line, sorted by path. */
export function serializeInventory(prefix: string, files: PublishedFile[]): Buffer {
  const lines = files
    .toSorted(byPath)
    .map(({ path, size, sha256, etag }) => JSON.stringify({ path, size, sha256, etag }));
  return Buffer.from(`{"format":1,"prefix":${JSON.stringify(prefix)},"files":[\n${lines.join(',\n')}\n]}\n`);
}

/** Reads an inventory object; throws a KnownError where it is none or names files that must not be written. */
export function parseInventory(text: string, origin: string): PublishedFile[] {
  const files = filesOf(text, origin).map((file) => {
    if (!isPublishedFile(file)) {
      throw new KnownError(
        `${origin}: an entry of the inventory is not {path, size, sha256, etag}: ${JSON.stringify(file).slice(0, 200)}`,
      );
    }
    return file;
  });
  checkPaths(
    files.map((file) => file.path),
    origin,
  );
  return files;
}

function filesOf(text: string, origin: string): unknown[] {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && 'files' in document && Array.isArray(document.files)) {
      return document.files;
    }
  } catch (error) {
    throw new KnownError(`${origin}: the inventory is not JSON`, { cause: error });
  }
  throw new KnownError(`${origin}: the inventory has no list 'files'`);
}

function isPublishedFile(value: unknown): value is PublishedFile {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, sha256, etag } = value as Record<string, unknown>;
  return (
    typeof path === 'string' &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof etag === 'string'
  );
}

/** Orders entries by path in code-unit order, the same everywhere. */
export function byPath(a: { path: string }, b: { path: string }): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
