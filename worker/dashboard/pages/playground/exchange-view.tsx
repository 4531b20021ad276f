import { useSignal } from "@preact/signals";
import { memo } from "../../lib/memo.ts";
import { common } from "../../text/common/index.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { AnswerView } from "./answer-view.tsx";
import type { Prompt } from "./lib/chat.ts";
import type { Exchange } from "./lib/conversation.ts";
import { Pictures } from "./pictures.tsx";
import { PromptEditor } from "./prompt-editor.tsx";
import { playground } from "./state.ts";
import { focusPrompt, undoable } from "./undoable.ts";

/** A prompt, and what came of it in each column. */
export const ExchangeView = memo(function ExchangeView({
  exchange,
  columns,
}: {
  exchange: Exchange;
  columns: number;
}) {
  const t = playgroundText.value;
  const { id, prompt, answers } = exchange;
  /** Undefined: it is not being changed. */
  const draft = useSignal<Prompt | undefined>(undefined);
  const keep = (): void => {
    draft.value = undefined;
    focusPrompt();
  };
  const again = (next: Prompt): void => {
    draft.value = undefined;
    undoable("replaced", () => playground.edit(id, next));
  };
  return (
    <article class="pg-exchange">
      <div class="pg-prompt">
        <h2 class="sr-only">{t.prompt.you}</h2>
        {draft.value === undefined ? (
          <>
            <Pictures pictures={prompt.pictures} label={t.prompt.pictures} />
            <div class="pg-bubble pg-plain" dir="auto">
              {prompt.text}
            </div>
            <div class="pg-tools">
              <IconButton
                icon="edit"
                size="sm"
                label={t.action.edit}
                changes
                onClick={() => {
                  draft.value = prompt;
                }}
              />
              <IconButton
                icon="refresh"
                size="sm"
                label={t.action.regenerate}
                changes
                onClick={() => undoable("replaced", () => playground.regenerate(id))}
              />
              <IconButton
                icon="trash"
                size="sm"
                label={t.action.remove}
                onClick={() => undoable("removed", () => playground.remove(id))}
              />
            </div>
          </>
        ) : (
          <PromptEditor
            value={draft.value}
            label={t.action.edit}
            autofocus
            onChange={(next) => {
              draft.value = next;
            }}
            onSend={() => {
              if (draft.value !== undefined && isSomething(draft.value)) again(draft.value);
            }}
            onCancel={keep}
            actions={
              <>
                <Button onClick={keep}>{common.value.action.cancel}</Button>
                <Button
                  kind="primary"
                  disabled={!isSomething(draft.value)}
                  onClick={() => {
                    if (draft.value !== undefined) again(draft.value);
                  }}
                >
                  {t.action.sendAgain}
                </Button>
              </>
            }
          />
        )}
      </div>
      <div class={`pg-columns pg-columns-${columns}`}>
        {Array.from({ length: columns }, (_, column) => {
          const answer = answers[column];
          return answer === undefined ? <div key={column} /> : <AnswerView key={column} answer={answer} />;
        })}
      </div>
    </article>
  );
});

export const isSomething = ({ text, pictures }: Prompt): boolean => text.trim() !== "" || pictures.length > 0;
