import type { FeedRevisions } from "../../../shared/api/feed.ts";

/** What pages ask for anew after an event of this kind; every change is one. */
const REVISED: readonly [prefix: string, what: keyof FeedRevisions | "pairings"][] = [
  ["key_", "keys"],
  ["join_token_", "join_tokens"],
  // It has used one.
  ["agent_registered", "join_tokens"],
  ["access_token_", "tokens"],
  ["settings_", "settings"],
  ["placement_", "models"],
  ["pairing_", "pairings"],
];

export function revisedBy(kind: string): keyof FeedRevisions | "pairings" | undefined {
  return REVISED.find(([prefix]) => kind.startsWith(prefix))?.[1];
}
