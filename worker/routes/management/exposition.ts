import type { Metric } from "../../../shared/api/metrics.ts";

/** The type of Prometheus' text format. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus' text format 0.0.4. */
export function exposition(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    lines.push(`# HELP ${metric.name} ${escaped(metric.help)}`, `# TYPE ${metric.name} ${metric.type}`);
    if (metric.type === "histogram") histogram(metric, lines);
    else for (const { labels, value } of metric.samples) lines.push(line(metric.name, labels, value));
  }
  return `${lines.join("\n")}\n`;
}

/** Each bucket holds those below it too. */
function histogram({ name, bounds, samples }: Extract<Metric, { type: "histogram" }>, lines: string[]): void {
  for (const { labels, counts, sum } of samples) {
    let total = 0;
    for (const [at, count] of counts.entries()) {
      total += count;
      const le = at < bounds.length ? String(bounds[at]) : "+Inf";
      lines.push(line(`${name}_bucket`, { ...labels, le }, total));
    }
    lines.push(line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total));
  }
}

function line(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${quoted(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** Half a surrogate pair has no bytes in UTF-8. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '\\"');
}
