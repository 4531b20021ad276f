import type { Metric } from "../../../shared/api/metrics.ts";
import { canonicalName } from "../../../shared/lib/model-name.ts";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import type { Parts } from "../parts.ts";
import { agentGauges } from "./agent-gauges.ts";
import { counter, gauge } from "./family.ts";
import { RequestCounters } from "./request-counters.ts";

/**
 * What `/metrics` tells. Counters live in memory and begin at 0 with each life of the brain, which is what scrapers of counters
 * expect; `process_start_time_seconds` says when that was. Own code, since the usual library for it needs Node's process.
 */
export class Metrics {
  readonly #parts: Parts;
  readonly #requests: RequestCounters;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#requests = new RequestCounters((name) => this.#knows(name));
    parts.recorder.observe(this.#requests.count);
  }

  #knows(canonical: string): boolean {
    if (this.#parts.registry.offers(canonical)) return true;
    const { aliases, fallbacks } = this.#parts.settings.value;
    return [aliases, fallbacks].some((table) =>
      Object.keys(table).some((name) => canonicalName(name) === canonical),
    );
  }

  /** Everything as of now. */
  read(): Metric[] {
    const { access, deps, forwarding, recorder, registry, scheduler, sessions, settings, windows } =
      this.#parts;
    const keys = new Map(access.listKeys().map(({ id, name }) => [id, name]));
    const { received, sent } = sessions.traffic;
    return [
      {
        type: "gauge",
        name: "process_start_time_seconds",
        help: "Start of this life of the coordinator; its counters begin at 0 then.",
        samples: [{ labels: {}, value: this.#parts.since / 1_000 }],
      },
      gauge("build_info", "The version that runs.", [{ labels: { version: PROGRAM_VERSION }, value: 1 }]),
      ...this.#requests.metrics({
        agent: (id) => registry.get(id)?.name,
        key: (id) => keys.get(id),
      }),
      gauge("queue_length", "Requests that wait for a place.", scheduler.waiting),
      gauge("queue_max_length", "Requests that may wait.", settings.value.queue.max_length),
      gauge("requests_running", "Requests that machines work on.", forwarding.running),
      gauge("streams_open", "Streams open in the tunnels.", windows.streams),
      ...agentGauges(registry.all(), deps.clock.now(), settings.value.resume_window_s * 1_000),
      counter("tunnel_received_bytes_total", "Bytes of messages from agents.", [one(received.bytes)]),
      counter("tunnel_sent_bytes_total", "Bytes of messages to agents.", [one(sent.bytes)]),
      counter("tunnel_received_frames_total", "Frames from agents.", [one(received.frames)]),
      counter("tunnel_sent_frames_total", "Frames to agents.", [one(sent.frames)]),
      gauge("history_pending_rows", "Rows that the history database has not taken yet.", recorder.pending),
      gauge(
        "history_outbox_rows",
        "Of these, those kept on disk because the history database was away.",
        recorder.outboxed,
      ),
    ];
  }
}

const one = (value: number) => ({ labels: {}, value });
