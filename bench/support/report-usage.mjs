// Loaded with --import into a measured process and all Node processes that it starts: appends what the process has used to the
// file FDNIX_BENCH_USAGE at its end.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

function peakRss() {
  try {
    // Counted from this program's start, where ru_maxrss may still hold the peak of the process that it was forked from.
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

if (isMainThread && process.env.FDNIX_BENCH_USAGE) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const usage = { cpuSeconds: (user + system) / 1e6, peakMiB: peakRss() };
    appendFileSync(process.env.FDNIX_BENCH_USAGE, `${JSON.stringify(usage)}\n`);
  });
}
