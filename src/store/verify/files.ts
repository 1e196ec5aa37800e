import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesOfNewestVersion, tornFiles } from '../manifest.ts';
import { firstFew, type Check } from './check.ts';

/** Whether every file that the newest manifests name is there, with its size. */
export async function checkFiles(directory: string, tables: readonly string[]): Promise<Check> {
  const problems: string[] = [];
  let files = 0;
  for (const name of tables) {
    const table = join(directory, `${name}.lance`);
    if (!existsSync(table)) continue;
    const torn = await tornFiles(table);
    problems.push(...torn);
    files += torn.length > 0 ? 0 : (await filesOfNewestVersion(table)).length;
  }
  return {
    name: 'files',
    detail: `${files} files of ${tables.length} tables as their manifests name them`,
    problems: firstFew(problems),
  };
}
