import { config } from './config.ts';
import { deps, rdeps } from './deps.ts';
import { diff } from './diff.ts';
import { run } from './run.ts';
import { search } from './search.ts';
import { show } from './show.ts';
import type { Command } from './define.ts';

/** All commands, in the order in which help lists them. */
export const commands: Command[] = [run, search, show, deps, rdeps, diff, config];
