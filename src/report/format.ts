/** A count with separators between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: Math.abs(count) < 100 ? 2 : 0 });
}

/** Seconds as people say them: `0.8 s`, `42 s`, `3 min 05 s`, `1 h 02 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** US dollars, small sums with their first two digits: `$0.0153`, `$0.000034`, `$0`. */
export function formatDollars(dollars: number): string {
  if (dollars === 0) return '$0';
  if (dollars < 1e-6) return 'under $0.000001';
  return `$${dollars < 0.001 ? Number(dollars.toPrecision(2)).toFixed(6).replace(/0+$/, '') : dollars.toFixed(4)}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || Math.abs(value) >= 99.95 ? Math.round(value) : value.toFixed(1)} ${byteUnits[unit]}`;
}

/** An amount with its unit, as progress shows it; unit `B` is bytes. */
export function formatAmount(amount: number, unit: string): string {
  return unit === 'B' ? formatBytes(amount) : `${formatCount(amount)} ${unit}`.trimEnd();
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
