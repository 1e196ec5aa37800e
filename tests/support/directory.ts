import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls functions at its end, as a test does. */
export interface CleansUp {
  after: (cleanup: () => unknown) => void;
}

/** A directory with these files, which goes when the test ends. */
export async function temporaryDirectory(t: CleansUp, files: Record<string, string> = {}): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fdnix-test-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}
