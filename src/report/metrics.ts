/** One figure: its labels in the order in which they are written. */
export interface Sample {
  labels?: Record<string, string>;
  value: number;
}

/** A gauge with its samples, in the base unit that its name ends in. */
export interface Metric {
  name: string;
  help: string;
  samples: Sample[];
}

/**
 * Metrics in the text format that OpenMetrics and Prometheus share, without timestamps, as node_exporter's textfile
 * collector takes it. Figures of `previous` (an earlier text of ours) that are not given anew are carried over, so that a
 * run that failed or had nothing to do does not make graphs break off.
 */
export function metricsText(metrics: readonly Metric[], previous = ''): string {
  const families = new Map(familiesOf(previous));
  for (const metric of metrics) if (metric.samples.length > 0) families.set(metric.name, familyText(metric));
  return `${[...families]
    .toSorted(byName)
    .map(([, text]) => text)
    .join('')}# EOF\n`;
}

function familyText({ name, help, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${numberText(value)}`);
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');
}

/** The families of a text of ours, each with its lines. */
function* familiesOf(text: string): Generator<[name: string, text: string]> {
  for (const family of text.split(/^(?=# HELP )/m)) {
    const name = /^# HELP (\w+) /.exec(family)?.[1];
    if (name !== undefined) yield [name, family.replace(/^# EOF\n?/m, '')];
  }
}

function labelsText(labels: Record<string, string>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
