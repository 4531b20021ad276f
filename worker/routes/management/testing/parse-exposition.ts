export interface Scraped {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,?)/;
const UNESCAPED: Record<string, string> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** Reads Prometheus' text format 0.0.4 as strictly as its description allows. @throws Error at anything else */
export function parseExposition(text: string): Map<string, Scraped> {
  const families = new Map<string, Scraped>();
  const series = new Set<string>();
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  let current: { name: string; family: Scraped } | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const meta = /^# (HELP|TYPE) (\S+) ([^\n]*)$/.exec(line);
    if (meta !== null) {
      const [, kind = "", name = "", rest = ""] = meta;
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        if (!/^(?:[^\\]|\\[\\n])*$/.test(rest)) throw new Error(`bad escape: ${line}`);
        current = { name, family: { type: "", help: rest, samples: [] } };
        families.set(name, current.family);
      } else {
        if (current?.name !== name || current.family.samples.length > 0)
          throw new Error(`out of place: ${line}`);
        if (!/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`bad type: ${line}`);
        current.family.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    if (current === undefined || current.family.type === "") throw new Error(`without a type: ${line}`);
    const suffix = sample.name.slice(current.name.length);
    const allowed = current.family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!sample.name.startsWith(current.name) || !allowed.includes(suffix)) {
      throw new Error(`not of ${current.name}: ${line}`);
    }
    const identity = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (series.has(identity)) throw new Error(`twice: ${line}`);
    series.add(identity);
    current.family.samples.push(sample);
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function parseSample(line: string): Scraped["samples"][number] {
  const name = NAME.exec(line)?.[0] ?? "";
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    for (let more = true; more; ) {
      const match = LABEL.exec(rest);
      if (match === null) throw new Error(`bad label: ${line}`);
      const [whole, label = "", value = "", comma] = match;
      if (Object.hasOwn(labels, label)) throw new Error(`label twice: ${line}`);
      labels[label] = value.replace(/\\./g, (pair) => UNESCAPED[pair] ?? "");
      rest = rest.slice(whole.length);
      more = comma === ",";
    }
    if (!rest.startsWith("}")) throw new Error(`open braces: ${line}`);
    rest = rest.slice(1);
  }
  const value = /^ (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest)?.[1];
  if (name === "" || value === undefined) throw new Error(`no sample: ${line}`);
  return { name, labels, value: Number(value) };
}

/** Buckets only grow, the last is `+Inf` and equals the count, and there is a sum. */
function checkHistogram(name: string, { samples }: Scraped): void {
  const groups = new Map<string, { bounds: number[]; counts: number[]; count?: number; sum?: number }>();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { bounds: [], counts: [] };
    groups.set(key, group);
    if (sample.name === `${name}_sum`) group.sum = sample.value;
    else if (sample.name === `${name}_count`) group.count = sample.value;
    else {
      if (le === undefined) throw new Error(`${name}: a bucket without le`);
      group.bounds.push(le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));
      group.counts.push(sample.value);
    }
  }
  for (const { bounds, counts, count, sum } of groups.values()) {
    const grows = (list: number[]): boolean =>
      list.every((each, at) => at === 0 || each >= (list[at - 1] ?? 0));
    const whole = bounds.at(-1) === Number.POSITIVE_INFINITY && counts.at(-1) === count && sum !== undefined;
    if (!whole || !grows(bounds) || !grows(counts)) throw new Error(`${name}: no histogram`);
  }
}
