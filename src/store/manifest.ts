import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import { bytesFields, integerField } from './protobuf.ts';

/** A file that a table's manifest names; `size` in bytes where the manifest knows it. */
export interface NamedFile {
  /** Relative to the table's directory. */
  path: string;
  size: number | null;
}

// Field numbers of Lance's messages, as its table format is specified.
const manifestField = { fragments: 2, indexSection: 6 };
const fragmentField = { id: 1, files: 2, deletionFile: 3 };
const dataFileField = { path: 1, size: 6 };
const deletionField = { type: 1, readVersion: 2, id: 3 };
const indexField = { uuid: 1, files: 10 };
const indexFileField = { path: 1, size: 2 };

/**
 * The files that the manifest of a table's newest version names: data, deletions, indexes. LanceDB opens and counts a
 * table whose data files are gone, so this is how a torn copy is found.
 * @throws Error where there is no manifest, or it is no manifest
 */
export async function filesOfNewestVersion(tableDirectory: string): Promise<NamedFile[]> {
  const versions = join(tableDirectory, '_versions');
  const names = (await readdir(versions)).filter((name) => name.endsWith('.manifest'));
  // Names count down, so the newest version sorts first.
  const newest = names.toSorted()[0];
  if (newest === undefined) throw new Error(`${versions} holds no manifest`);
  const bytes = await readFile(join(versions, newest));
  if (bytes.length < 16 || bytes.toString('latin1', bytes.length - 4) !== 'LANC') {
    throw new Error(`${join(versions, newest)} is no Lance manifest, or was cut off`);
  }
  const manifest = messageAt(bytes, Number(bytes.readBigUInt64LE(bytes.length - 16)));
  const indexSection = integerField(manifest, manifestField.indexSection);
  return [
    ...bytesFields(manifest, manifestField.fragments).flatMap(filesOfFragment),
    ...(indexSection === undefined ? [] : bytesFields(messageAt(bytes, Number(indexSection)), 1).flatMap(filesOfIndex)),
  ];
}

/** What of a table's files is missing or of another size than its manifest says; empty where all is well. */
export async function tornFiles(tableDirectory: string): Promise<string[]> {
  const table = basename(tableDirectory);
  let named: NamedFile[];
  try {
    named = await filesOfNewestVersion(tableDirectory);
  } catch (error) {
    return [`${table}: ${messageOf(error)}`];
  }
  const findings = await Promise.all(
    named.map(async ({ path, size }) => {
      try {
        const found = await stat(join(tableDirectory, path));
        if (size === null || found.isDirectory() || found.size === size) return null;
        return `${table}/${path} has ${found.size} bytes, not ${size}`;
      } catch (error) {
        return `${table}/${path} ${codeOf(error) === 'ENOENT' ? 'is missing' : messageOf(error)}`;
      }
    }),
  );
  return findings.filter((finding) => finding !== null);
}

/** A message with its length in four bytes before it. */
function messageAt(bytes: Buffer, position: number): Buffer {
  const length = bytes.readUInt32LE(position);
  return bytes.subarray(position + 4, position + 4 + length);
}

function filesOfFragment(fragment: Buffer): NamedFile[] {
  const id = integerField(fragment, fragmentField.id) ?? 0n;
  const data = bytesFields(fragment, fragmentField.files).map((file): NamedFile => ({
    path: join('data', textField(file, dataFileField.path)),
    size: sizeField(file, dataFileField.size),
  }));
  const deletions = bytesFields(fragment, fragmentField.deletionFile).map((file): NamedFile => {
    const numbers = [deletionField.readVersion, deletionField.id].map((number) => integerField(file, number) ?? 0n);
    const kind = (integerField(file, deletionField.type) ?? 0n) === 0n ? 'arrow' : 'bin';
    return { path: join('_deletions', `${[id, ...numbers].join('-')}.${kind}`), size: null };
  });
  return [...data, ...deletions];
}

function filesOfIndex(index: Buffer): NamedFile[] {
  const [uuid] = bytesFields(index, indexField.uuid).flatMap((message) => bytesFields(message, 1));
  const directory = join('_indices', uuidText(uuid));
  const files = bytesFields(index, indexField.files);
  if (files.length === 0) return [{ path: directory, size: null }];
  return files.map((file) => ({
    path: join(directory, textField(file, indexFileField.path)),
    size: sizeField(file, indexFileField.size),
  }));
}

function uuidText(uuid: Buffer | undefined): string {
  return (uuid?.toString('hex') ?? '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A size in bytes; Lance writes 0 where it does not know one. */
function sizeField(message: Buffer, number: number): number | null {
  return Number(integerField(message, number) ?? 0n) || null;
}

function textField(message: Buffer, number: number): string {
  return bytesFields(message, number)[0]?.toString('utf8') ?? '';
}
