/* Numbers of the live feed. Here and not beside the schemas, which a page does not need and would have to load. */

export const FEED = {
  /** Least time between two messages to a page, ms. */
  interval_ms: 250,
  /** Most characters of a diff, and as UTF-8 also most bytes; what does not fit goes with the next. */
  diff_chars: 60_000,
  /** Finished requests and events that a snapshot carries, and that a page keeps. */
  requests: 100,
  events: 50,
  /** Requests that run or wait which are shown one by one; beyond that they are only counted. */
  running: 200,
  /** Most names in one list of a machine (models in memory, GPUs, broken models), and most characters of each. */
  names: 32,
  name_chars: 200,
  /**
   * A page acknowledges the last diff that it has taken in, at most this often, ms, and the last of a row always: with more
   * diffs than `unacknowledged` on their way it gets nothing more until it has acknowledged them all, and then a snapshot.
   */
  ack_ms: 1_000,
  unacknowledged: 16,
  /** Most bytes of a message from a page. */
  message_bytes: 4_096,
} as const;

/** Why the coordinator closes a page's socket, beside the codes that every WebSocket has. */
export const FEED_CLOSE = {
  /** A message that is none of the feed's. */
  bad_message: 4400,
  /** Its session is over, or its token was revoked: it has to log in again. */
  unauthorized: 4401,
  /** It has acknowledged nothing for a minute: it is to connect again. */
  lagging: 4408,
} as const;
