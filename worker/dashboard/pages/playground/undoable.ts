import type { Text } from "../../text/playground/en.ts";
import { dropped, playground } from "./state.ts";

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
  focusPrompt();
}

/** What had the focus may be gone with what was dropped. */
export function focusPrompt(): void {
  document.querySelector<HTMLElement>(".pg-composer textarea")?.focus({ preventScroll: true });
}
