import { playgroundText } from "../../text/playground/index.ts";
import { EmptyState } from "../../ui/states.tsx";
import { ExchangeView } from "./exchange-view.tsx";
import { playground } from "./state.ts";
import { useStayAtEnd } from "./stay-at-end.ts";
import { statusText } from "./words.ts";

/** What was said so far, oldest first. */
export function ConversationView() {
  const t = playgroundText.value;
  const conversation = playground.conversation.value;
  const columns = playground.targets.value.length;
  const last = conversation.at(-1);
  useStayAtEnd(conversation, last?.id ?? 0);
  const told = last?.answers.flatMap((answer) => (answer === undefined ? [] : [statusText(answer, t)])) ?? [];
  return (
    <>
      {last === undefined ? (
        <EmptyState icon="playground" title={t.empty.start}>
          {t.empty.startHint}
        </EmptyState>
      ) : (
        <div class="pg-conversation">
          {conversation.map((exchange) => (
            <ExchangeView key={exchange.id} exchange={exchange} columns={columns} />
          ))}
        </div>
      )}
      <p class="sr-only" role="status">
        {[...new Set(told)].join(" ")}
      </p>
    </>
  );
}
