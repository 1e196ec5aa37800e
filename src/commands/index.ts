import { config } from './config.ts';
import { run } from './run.ts';
import type { Command } from './define.ts';

/** All commands, in the order in which help lists them. */
export const commands: Command[] = [run, config];
