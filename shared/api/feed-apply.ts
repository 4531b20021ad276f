import type { FeedDiff, FeedMessage, FeedState } from "./feed.ts";
import { FEED } from "./feed-limits.ts";

/**
 * The state after a message. Nothing that was given is changed, and what the message does not speak of is the very object that
 * it was, so that a page redraws only what is another.
 *
 * Order: `agents` as they came to be known, `running` oldest first, `requests` and `events` newest first. What a page has is
 * kept over a snapshot where it is history: a coordinator that slept has forgotten what finished before.
 */
export function applyFeed(state: FeedState | undefined, message: FeedMessage): FeedState {
  if (message.type === "diff") return state === undefined ? EMPTY_FEED : applyDiff(state, message);
  if (state === undefined) return message.state;
  return {
    ...message.state,
    requests: newest(message.state.requests, state.requests, FEED.requests),
    events: newest(message.state.events, state.events, FEED.events),
  };
}

/** Before any snapshot. A diff that comes then says nothing of the rest. */
export const EMPTY_FEED: FeedState = {
  agents: [],
  pairings: [],
  now: {
    running: 0,
    waiting: 0,
    queue_max: 0,
    requests_per_second: 0,
    tokens_per_second: 0,
    error_rate: null,
    first_byte_ms_p50: null,
    queue_ms_p50: null,
    outbox: 0,
    total_requests: 0,
  },
  running: [],
  requests: [],
  events: [],
  pulls: [],
  revisions: { models: 0, keys: 0, tokens: 0, join_tokens: 0, settings: 0 },
};

/** @param diff the one that follows what made `state` */
export function applyDiff(state: FeedState, diff: FeedDiff): FeedState {
  return {
    agents: merged(state.agents, diff.agents),
    pairings: diff.pairings ?? state.pairings,
    now: patched(state.now, diff.now),
    running: inOrder(merged(state.running, diff.running), state.running),
    requests: newest(diff.requests?.toReversed(), state.requests, FEED.requests),
    events: newest(diff.events?.toReversed(), state.events, FEED.events),
    pulls: diff.pulls ?? state.pulls,
    revisions: patched(state.revisions, diff.revisions),
  };
}

type Patch<T> = { [Field in keyof T]?: T[Field] | undefined };

/** A patch's fields come from JSON: what it does not say is absent, never undefined. */
function patched<T extends object>(before: T, patch: Patch<T> | undefined): T {
  return patch === undefined ? before : ({ ...before, ...patch } as T);
}

/** Known ones stay where they are, new ones come last. */
function merged<T extends { id: string }>(
  before: T[],
  change: { changed: (Patch<T> & { id: string })[]; gone: string[] } | undefined,
): T[] {
  if (change === undefined) return before;
  const changed = new Map(change.changed.map((each) => [each.id, each]));
  const gone = new Set(change.gone);
  const after: T[] = [];
  for (const each of before) {
    const patch = changed.get(each.id);
    changed.delete(each.id);
    if (!gone.has(each.id)) after.push(patched(each, patch));
  }
  // The first word of anything has all its fields.
  for (const each of changed.values()) after.push(each as unknown as T);
  return after;
}

/** By arrival: one that lost its machine waits again, and is as old as before. */
function inOrder(running: FeedState["running"], before: FeedState["running"]): FeedState["running"] {
  if (running === before) return before;
  return running.sort((a, b) => (a.at === b.at ? compare(a.id, b.id) : compare(a.at, b.at)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param come newest first */
function newest<T extends { id: string }>(come: T[] | undefined, known: T[], most: number): T[] {
  if (come === undefined || come.length === 0) return known;
  const ids = new Set(come.map(({ id }) => id));
  return [...come, ...known.filter(({ id }) => !ids.has(id))].slice(0, most);
}
