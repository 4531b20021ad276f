import { effect, signal } from "@preact/signals";
import { session } from "../../lib/session.ts";
import type { Text } from "../../text/playground/en.ts";
import type { Conversation } from "./lib/conversation.ts";
import { playground } from "./state.ts";

/** What was dropped last, as long as it can be brought back. */
export const dropped = signal<{ what: keyof Text["undone"]; before: Conversation } | undefined>(undefined);

// Nor can the next who logs in here bring it back.
effect(() => {
  if (session.value === null) dropped.value = undefined;
});

/** Does something that drops a part of the conversation, and keeps that part until the next prompt. */
export function undoable(what: keyof Text["undone"], act: () => void): void {
  const before = playground.conversation.peek();
  act();
  const left = new Set(playground.conversation.peek().map(({ id }) => id));
  const isLost = before.some(
    ({ id, answers }) =>
      !left.has(id) && answers.some((answer) => answer !== undefined && answer.text !== ""),
  );
  dropped.value = isLost ? { what, before } : undefined;
}
