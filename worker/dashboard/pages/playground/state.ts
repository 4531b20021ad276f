import { effect, signal } from "@preact/signals";
import { session } from "../../lib/session.ts";
import type { Prompt } from "./lib/chat.ts";
import { Playground } from "./lib/playground.ts";
import { surroundings } from "./surroundings.ts";

/** One for the tab: it is still there when one comes back from the page of a request. */
export const playground = new Playground(surroundings);

/** The prompt that is being written. */
export const draft = signal<Prompt>({ text: "", pictures: [] });

// What one person has asked is not for the next who logs in here.
effect(() => {
  if (session.value !== null) return;
  playground.reset();
  draft.value = { text: "", pictures: [] };
});
