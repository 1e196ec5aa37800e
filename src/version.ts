import { readFileSync } from 'node:fs';
import { KnownError } from './errors.ts';

/** The version of this program, as its package.json says it. */
export function toolVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) {
    throw new KnownError('package.json has no version');
  }
  return String(manifest.version);
}
