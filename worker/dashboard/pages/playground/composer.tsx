import { canChange } from "../../lib/session.ts";
import { common } from "../../text/common/index.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Notice } from "../../ui/states.tsx";
import { isSomething } from "./exchange-view.tsx";
import type { OfferedModel } from "./lib/offered-model.ts";
import { PromptEditor } from "./prompt-editor.tsx";
import { draft, dropped, playground } from "./state.ts";
import { focusPrompt } from "./undoable.ts";

/** Where the next prompt is written. */
export function Composer({ models }: { models: readonly OfferedModel[] }) {
  const t = playgroundText.value;
  const prompt = draft.value;
  const targets = playground.targets.value;
  const isRunning = playground.running.value;
  const isAdmin = canChange.value;
  const isReady = targets.every(({ model }) => model !== "") && isSomething(prompt);
  const send = (): void => {
    if (!isAdmin || !isReady) return;
    draft.value = { text: "", pictures: [] };
    dropped.value = undefined;
    playground.send({ ...prompt, text: prompt.text.trim() });
  };
  const blind = targets.some(({ model }) => isBlind(models, model));
  return (
    <div class="pg-composer">
      <Undo />
      {prompt.pictures.length > 0 && blind && <Notice tone="warn">{t.pictureFault.noVision}</Notice>}
      <PromptEditor
        value={prompt}
        label={t.prompt.label}
        disabled={!isAdmin}
        onChange={(next) => {
          draft.value = next;
        }}
        onSend={send}
        actions={
          isRunning ? (
            <Button
              icon="stop"
              title={t.action.stopHint}
              onClick={() => {
                playground.stop();
                focusPrompt();
              }}
            >
              {t.action.stop}
            </Button>
          ) : (
            <Button
              kind="primary"
              icon="send"
              changes
              disabled={isAdmin && !isReady}
              title={targets.some(({ model }) => model === "") ? t.prompt.noModel : undefined}
              onClick={send}
            >
              {t.action.send}
            </Button>
          )
        }
      />
      <p class="small muted">{t.privacy}</p>
    </div>
  );
}

/** What was dropped can be brought back until something else is said. */
function Undo() {
  const t = playgroundText.value;
  const close = (): void => {
    dropped.value = undefined;
    focusPrompt();
  };
  return (
    <div role="status">
      {dropped.value !== undefined && (
        <Notice
          actions={
            <>
              <Button
                size="sm"
                onClick={() => {
                  if (dropped.value !== undefined) playground.restore(dropped.value.before);
                  close();
                }}
              >
                {t.action.undo}
              </Button>
              <IconButton icon="close" size="sm" label={common.value.action.dismiss} onClick={close} />
            </>
          }
        >
          {t.undone[dropped.value.what]}
        </Notice>
      )}
    </div>
  );
}

/** Its Ollama says what it can do, and pictures are not among that. */
function isBlind(models: readonly OfferedModel[], name: string): boolean {
  const capabilities = models.find((model) => model.name === name)?.capabilities;
  return capabilities !== undefined && !capabilities.includes("vision");
}
