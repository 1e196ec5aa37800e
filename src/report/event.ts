/** The phases that a run consists of, in order. */
export type Phase = 'metadata' | 'embedding' | 'minified' | 'publish';

/**
 * What a stage tells while it works. A terminal shows it as progress, a pipe as plain lines, `--json` as one JSON object
 * a line.
 */
export type ReportEvent =
  | { type: 'phase'; phase: Phase; status: 'started' | 'skipped'; reason?: string }
  | { type: 'phase'; phase: Phase; status: 'finished'; seconds: number }
  /** `done` of `total` units; `detail` is a short free text (workers, memory, jobs in flight). */
  | { type: 'progress'; task: string; done: number; total?: number; unit: string; detail?: string }
  /** A step with a name came to its end; `counts` are figures for people and machines. */
  | { type: 'step'; task: string; seconds: number; counts: Record<string, number> }
  | { type: 'info'; message: string }
  /** Something that a person should look at, though the run goes on. */
  | { type: 'warning'; message: string }
  /** The run ends because of this. */
  | { type: 'error'; message: string }
  | { type: 'summary'; title: string; lines: [label: string, value: string][]; data: Record<string, unknown> };

/** Where a stage sends its events. */
export type Report = (event: ReportEvent) => void;

/** What every stage gets: how it is cancelled, and where it reports to. */
export interface StageContext {
  signal: AbortSignal;
  report: Report;
}
