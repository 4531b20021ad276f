import { batch, effect, signal } from "@preact/signals";
import { expired, session } from "../../lib/session.ts";
import type { Text } from "../../text/playground/en.ts";
import type { Prompt } from "./lib/chat.ts";
import type { Conversation } from "./lib/conversation.ts";
import { Playground } from "./lib/playground.ts";
import { surroundings } from "./surroundings.ts";

const NOTHING: Prompt = { text: "", pictures: [] };

/** One for the tab: it is still there when one comes back from the page of a request. */
export const playground = new Playground(surroundings);

/** The prompt that is being written. */
export const draft = signal<Prompt>(NOTHING);

/** What was dropped last, as long as it can be brought back. */
export const dropped = signal<{ what: keyof Text["undone"]; before: Conversation } | undefined>(undefined);

/** By name; whose conversation this is. */
let owner: string | undefined;

function forget(): void {
  batch(() => {
    playground.reset();
    draft.value = NOTHING;
    dropped.value = undefined;
  });
}

// What one person has asked is not for the next who logs in here. A session that ended by itself is not a person that left:
// who comes back finds what was said.
effect(() => {
  const who = session.value;
  if (who === undefined) return;
  if (who === null) {
    playground.stop();
    if (!expired.peek()) forget();
    return;
  }
  if (owner !== undefined && owner !== who.name) forget();
  owner = who.name;
});
