import type { MuxStream } from "./stream.ts";

/** What a multiplexer holds for its streams right now, bytes. */
export interface Gauge {
  streams: number;
  /** Received and not consumed, all streams. */
  received_held: number;
  /** The largest of these for one stream: never more than one window (TN9). */
  received_held_max: number;
  /** Written and not acknowledged, all streams. */
  sent_held: number;
}

export function gaugeOf(streams: Iterable<MuxStream>): Gauge {
  const gauge: Gauge = { streams: 0, received_held: 0, received_held_max: 0, sent_held: 0 };
  for (const stream of streams) {
    gauge.streams++;
    gauge.received_held += stream.in.held;
    gauge.received_held_max = Math.max(gauge.received_held_max, stream.in.held);
    gauge.sent_held += stream.out.held;
  }
  return gauge;
}
