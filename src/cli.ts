#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDirectoryOf } from './phases/paths.ts';

// Compiling its modules is a third of the time in which a command starts. (Node's own place for what is compiled is one that all users
// of a machine share.)
const cache = cacheDirectoryOf({ path: null }, process.env);
try {
  // Not with its parents, which Node tries for ever where none can be, such as below /proc.
  mkdirSync(cache);
} catch {
  // It is there already, or there is no place for it.
}
if (existsSync(cache)) enableCompileCache(join(cache, 'code'));
await import('./main.ts');
