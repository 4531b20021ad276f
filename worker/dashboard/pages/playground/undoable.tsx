import { playgroundText } from "../../text/playground/index.ts";
import { Button } from "../../ui/button.tsx";
import { toast } from "../../ui/toast.tsx";
import { playground } from "./state.ts";

/** Does something that drops a part of the conversation, and offers to bring it back. */
export function undoable(said: string, act: () => void, options: { unless?: () => boolean } = {}): void {
  const before = playground.conversation.peek();
  const isHarmless = before.length === 0 || options.unless?.() === true;
  act();
  if (isHarmless) return;
  toast(
    <span class="row">
      {said}
      <Button size="sm" onClick={() => playground.restore(before)}>
        {playgroundText.peek().action.undo}
      </Button>
    </span>,
    "info",
  );
}
