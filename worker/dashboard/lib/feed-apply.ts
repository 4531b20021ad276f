import type { FEED, FeedDiff, FeedMessage, FeedState } from "../../../shared/api/feed.ts";

/** Checked against the shared numbers by their types: the schemas beside those would come along into the bundle. */
const KEEP = { requests: 100, events: 50 } as const satisfies Pick<typeof FEED, "requests" | "events">;

/**
 * The state after a message; what it does not speak of stays the very same object. History that was seen outlives a snapshot:
 * a coordinator that has slept has forgotten what finished before.
 */
export function applyFeed(state: FeedState, message: FeedMessage): FeedState {
  if (message.type === "diff") return applyDiff(state, message);
  return {
    ...message.state,
    requests: newest(message.state.requests, state.requests, KEEP.requests),
    events: newest(message.state.events, state.events, KEEP.events),
  };
}

function applyDiff(state: FeedState, diff: FeedDiff): FeedState {
  return {
    agents: merged(state.agents, diff.agents),
    pairings: diff.pairings ?? state.pairings,
    now: patched(state.now, diff.now),
    running: merged(state.running, diff.running),
    requests: newest(diff.requests?.toReversed(), state.requests, KEEP.requests),
    events: newest(diff.events?.toReversed(), state.events, KEEP.events),
    pulls: diff.pulls ?? state.pulls,
    revisions: patched(state.revisions, diff.revisions),
  };
}

type Patch<T> = { [K in keyof T]?: T[K] | undefined };

function patched<T extends object>(before: T, patch: Patch<T> | undefined): T {
  // JSON has no undefined: a field that is there has its type.
  return patch === undefined ? before : ({ ...before, ...patch } as T);
}

function merged<T extends { id: string }>(
  before: T[],
  change: { changed: readonly ({ id: string } & Patch<T>)[]; gone: readonly string[] } | undefined,
): T[] {
  if (change === undefined) return before;
  const byId = new Map(before.map((one) => [one.id, one]));
  // What is new comes whole, so what is merged is whole too.
  for (const patch of change.changed) byId.set(patch.id, { ...byId.get(patch.id), ...patch } as T);
  for (const id of change.gone) byId.delete(id);
  return [...byId.values()];
}

/** @param come newest first */
function newest<T extends { id: string }>(come: T[] | undefined, known: T[], most: number): T[] {
  if (come === undefined || come.length === 0) return known;
  const ids = new Set(come.map(({ id }) => id));
  return [...come, ...known.filter(({ id }) => !ids.has(id))].slice(0, most);
}
