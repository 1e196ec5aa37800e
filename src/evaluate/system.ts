import { messageOf } from '../errors.ts';
import { cacheError } from '../process/cache-error.ts';
import type { StageContext } from '../report/event.ts';
import type { Progress } from './follow.ts';
import { gate } from './gate.ts';
import { runSystem, type Common, type SystemRequest } from './run-system.ts';
import type { Spool } from './spool.ts';

/** One system's evaluation, under way. */
export interface SystemEvaluation {
  system: string;
  /** The file with its lines, once it is there. */
  opened: Promise<string>;
  progress: Progress;
  /** Settles when all attribute paths have their lines; rejects where that cannot be. */
  finished: Promise<void>;
}

/** Evaluates one system after `previous` has ended well. Failures reach whoever reads the lines or awaits `finished`. */
export function evaluateSystem(
  common: Common,
  request: SystemRequest,
  previous: Promise<unknown>,
  ctx: StageContext,
): SystemEvaluation {
  const changes = gate();
  const opened = Promise.withResolvers<string>();
  const state: { spool: Spool | null; ended: boolean; error: Error | null } = {
    spool: null,
    ended: false,
    error: null,
  };
  const finished = previous
    .then(() =>
      runSystem(common, request, changes, ctx, (spool) => {
        state.spool = spool;
        opened.resolve(spool.file);
      }),
    )
    .catch((error: unknown) => {
      const explained = cacheError(request.directory, error);
      state.error = explained instanceof Error ? explained : new Error(messageOf(error), { cause: error });
      opened.reject(state.error);
      throw state.error;
    })
    .finally(() => {
      state.ended = true;
      changes.open();
    });
  // Whoever reads the stream meets the error there: that nobody awaits these as well is no second error.
  for (const promise of [finished, opened.promise]) promise.catch(() => null);
  return {
    system: request.system,
    opened: opened.promise,
    finished,
    progress: {
      bytes: () => state.spool?.bytes() ?? 0,
      changed: changes.changed,
      ended() {
        if (state.ended && state.error !== null) throw state.error;
        return state.ended;
      },
    },
  };
}
