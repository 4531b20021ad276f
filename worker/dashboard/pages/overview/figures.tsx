import { computed, type ReadonlySignal } from "@preact/signals";
import { feed } from "../../lib/feed.ts";
import type { Sample } from "../../lib/feed-history.ts";
import { fmt } from "../../lib/fmt.ts";
import { overviewText } from "../../text/overview/index.ts";
import { type Point, Sparkline } from "../../ui/sparkline.tsx";

const line = (name: Exclude<keyof Sample, "at">): ReadonlySignal<Point[]> =>
  computed(() => feed.hour.value.map((sample) => ({ at: sample.at, value: sample[name] })));

const running = line("running");
const tokens = line("tokens_per_second");
const waiting = line("waiting");
const firstByte = line("first_byte_ms_p50");
const errors = line("error_rate");
const slots = computed(() =>
  feed.agents.value.reduce((sum, agent) => sum + (agent.routable ? agent.max_concurrency : 0), 0),
);

interface Shown {
  label: string;
  value: string;
  note: string;
  points: ReadonlySignal<Point[]>;
  /** Its height at the least: a line of noise is not to look like a mountain. */
  max: number;
  tone?: "bad" | "warn" | false;
}

/** The whole fleet in five numbers, each with its last hour. */
export function Figures() {
  const t = overviewText.value;
  const now = feed.now.value;
  const shown: Shown[] = [
    {
      label: t.running,
      value: fmt.count(now.running),
      note: t.ofSlots(slots.value, fmt.count(slots.value)),
      points: running,
      max: 4,
    },
    {
      label: t.tokens,
      value: fmt.decimal(now.tokens_per_second),
      note: t.perSecond(fmt.decimal(now.requests_per_second)),
      points: tokens,
      max: 10,
    },
    {
      label: t.waiting,
      value: fmt.count(now.waiting),
      note: t.ofQueue(fmt.count(now.queue_max)),
      points: waiting,
      max: 4,
      tone: now.queue_max > 0 && now.waiting >= now.queue_max / 2 && "warn",
    },
    {
      label: t.firstToken,
      value: fmt.duration(now.first_byte_ms_p50),
      note: t.median,
      points: firstByte,
      max: 100,
    },
    {
      label: t.errorRate,
      value: fmt.share(now.error_rate),
      note: t.lastMinute,
      points: errors,
      max: 0.05,
      tone: (now.error_rate ?? 0) >= 0.1 && "bad",
    },
  ];
  return (
    <dl class="figures">
      {shown.map((one) => (
        <Figure key={one.label} {...one} />
      ))}
    </dl>
  );
}

function Figure({ label, value, note, points, max, tone }: Shown) {
  return (
    <div class={`figure ${tone ? `figure-${tone}` : ""}`}>
      <dt>{label}</dt>
      <dd>
        <span class="figure-value">{value}</span>
        <span class="figure-note">{note}</span>
        <Sparkline points={points.value} label={overviewText.value.lastHour(label)} max={max} />
      </dd>
    </div>
  );
}
