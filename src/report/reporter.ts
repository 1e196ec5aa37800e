import type { Report } from './event.ts';

/** Takes events and shows them until it is closed. */
export interface Reporter {
  report: Report;
  /** Ends the showing: progress lines vanish, and the terminal is as it was. */
  close: () => void;
}

/** Where a reporter writes to: a stream, or a test's list. */
export interface Sink {
  write: (text: string) => unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** Milliseconds of a clock that never goes back. */
export type Clock = () => number;
