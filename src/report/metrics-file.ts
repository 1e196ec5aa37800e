import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { codeOf, KnownError, messageOf } from '../errors.ts';
import { metricsText, type Metric } from './metrics.ts';

/**
 * Writes metrics to a textfile for node_exporter, whole or not at all, readable for its user whatever the umask. Figures
 * of the file before that are not given anew stay. The temporary file beside it does not end in `.prom`.
 */
export async function writeMetrics(path: string, metrics: readonly Metric[]): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, metricsText(metrics, await readIfThere(path)));
    await chmod(temporary, 0o644);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const advice = 'the directory of metrics.textfile has to be writable for the user of the indexer';
    throw new KnownError(`${path}: the metrics cannot be written (${messageOf(error)}); ${advice}`, { cause: error });
  }
}

/** Bytes of all files below a directory, undefined where it is not there. Follows the path itself, where it is a link. */
export async function bytesBelow(path: string): Promise<number | undefined> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
