import { createHash } from 'node:crypto';

export interface Bill {
  /** Calls by operation, and faults by what they hit and by kind: `invoke lostReply`, `job failed`. */
  calls: Record<string, number>;
  faults: Record<string, number>;
  jobs: number;
  /** The most jobs that were active at a time. */
  peakJobs: number;
  /** Records that were embedded and therefore paid for. */
  batchRecords: number;
  onDemandRecords: number;
  tokens: number;
  distinctTexts: number;
  /** Batch records that were paid for though a batch had embedded their text before. */
  batchTwice: number;
  /** Records that were paid for though their text had been embedded before, in whichever way. */
  anyTwice: number;
}

/** What the simulator's customer has been charged for. */
export interface Ledger {
  call(operation: string): void;
  fault(victim: string, kind: string): void;
  jobs(active: number): void;
  paid(kind: 'batch' | 'onDemand', text: string, tokens: number): void;
  /** A text whose paid result the service itself lost: to pay for it again is no fault of the client. */
  lost(text: string): void;
  bill(): Bill;
}

export function createLedger(): Ledger {
  const bill: Bill = {
    calls: {},
    faults: {},
    jobs: 0,
    peakJobs: 0,
    batchRecords: 0,
    onDemandRecords: 0,
    tokens: 0,
    distinctTexts: 0,
    batchTwice: 0,
    anyTwice: 0,
  };
  const seen = new Map<string, { batch: number; onDemand: number; lost: number }>();
  const entryOf = (text: string) => {
    const key = createHash('sha256').update(text).digest('base64');
    const entry = seen.get(key) ?? { batch: 0, onDemand: 0, lost: 0 };
    seen.set(key, entry);
    return entry;
  };
  return {
    call: (operation) => (bill.calls[operation] = (bill.calls[operation] ?? 0) + 1),
    fault: (victim, kind) => {
      const name = `${victim} ${kind}`;
      bill.faults[name] = (bill.faults[name] ?? 0) + 1;
    },
    jobs: (active) => {
      bill.jobs += 1;
      bill.peakJobs = Math.max(bill.peakJobs, active);
    },
    paid: (kind, text, tokens) => {
      const entry = entryOf(text);
      entry[kind] += 1;
      bill.tokens += tokens;
      bill[kind === 'batch' ? 'batchRecords' : 'onDemandRecords'] += 1;
      if (kind === 'batch' && entry.batch > 1 + entry.lost) bill.batchTwice += 1;
      if (entry.batch + entry.onDemand > 1 + entry.lost) bill.anyTwice += 1;
    },
    lost: (text) => (entryOf(text).lost += 1),
    bill: () => ({ ...bill, distinctTexts: seen.size, calls: { ...bill.calls }, faults: { ...bill.faults } }),
  };
}
