import { cluster } from './cluster.ts';
import { config } from './config.ts';
import type { Command } from './define.ts';
import { deps, rdeps } from './deps.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { embed } from './embed.ts';
import { publish } from './publish.ts';
import { run } from './run.ts';
import { search } from './search.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';

/** All commands, in the order in which help lists them. */
export const commands: Command[] = [
  run,
  embed,
  publish,
  search,
  show,
  deps,
  rdeps,
  diff,
  cluster,
  verify,
  status,
  doctor,
  config,
];
