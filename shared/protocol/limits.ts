const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Every number that bounds what one side of the tunnel may make the other hold or wait for. One file, so
 * that "how much memory can a hostile peer cost me" has one answer.
 */
export const LIMITS = {
  /** One WebSocket message, bytes. Cloudflare takes 32 MiB; nothing here needs more than one. */
  message_bytes: 2 * MIB,
  /** One DATA frame, bytes: small enough that another stream's token waits for at most one of them. */
  data_bytes: 16 * KIB,
  /** REQUEST and RESPONSE heads, bytes: Node's own default for HTTP heads, doubled for JSON. */
  head_bytes: 32 * KIB,
  /** HELLO, WELCOME and STATE, bytes: 500 models at 1.5 KB. */
  control_bytes: 1 * MIB,
  /** What an END frame says of an answer (token counts), bytes. */
  end_bytes: 1 * KIB,
  /** Bytes of one stream that may be sent and not yet consumed: 256 KiB is 100 Mbit/s at 20 ms. */
  window_bytes: 256 * KIB,
  /** Below this a window is not shrunk: one full DATA frame. */
  window_floor_bytes: 16 * KIB,
  /** All windows of one coordinator together: a quarter of a Cloudflare isolate's 128 MB. */
  total_window_bytes: 32 * MIB,
  /** Streams of one agent at once, either way. */
  streams_per_agent: 1_024,
  /** What a sender hands the socket before it waits for it to drain, bytes. */
  socket_buffer_bytes: 64 * KIB,
  /** Longest name of a machine or model, characters (Ollama's own: host 350 + two parts of 80 + tag 80). */
  name_chars: 600,
  /** Models one agent may report. */
  models: 500,
  /** Headers of one request or answer. */
  headers: 100,
  /** Levels of objects and arrays in a JSON payload; HELLO needs five. */
  json_depth: 32,
  /** Bytes of a request's body that may be sent and not yet consumed, until the agent says otherwise: most fit. */
  request_window_bytes: 64 * KIB,
  /** Frames that wait because the peer does not read; more answers to its frames than this are not queued. */
  waiting_frames: 16_384,
} as const;

/** Times of the tunnel, milliseconds. The coordinator sends those an agent must keep in `welcome`. */
export const TIMES = {
  /** The agent sends the text `ping` this often; the answer wakes nobody. */
  heartbeat_ms: 10_000,
  /** A socket on which nothing was heard for this long is dead (two missed pings and a bit). */
  silent_ms: 25_000,
  /** The first message must come this soon after the upgrade. */
  hello_ms: 10_000,
  /** How long streams of a lost socket wait for the same agent to dial in again. */
  resume_window_ms: 15_000,
  /** Connecting to Ollama. */
  connect_ms: 5_000,
  /** First byte from Ollama: a cold 400 GB model takes minutes. */
  first_byte_ms: 600_000,
  /** Silence between two bytes of an answer. */
  idle_ms: 300_000,
} as const;

/**
 * The window that each of `streams` open streams gets, bytes: full size until their sum would pass
 * `total_window_bytes`, then an equal share, never less than one DATA frame (TN10).
 */
export function windowFor(streams: number): number {
  const share = Math.floor(LIMITS.total_window_bytes / Math.max(1, streams));
  return Math.max(LIMITS.window_floor_bytes, Math.min(LIMITS.window_bytes, share));
}
