import "./playground.css";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { useCommands } from "../../lib/commands.ts";
import { canChange } from "../../lib/session.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { Composer } from "./composer.tsx";
import { ConversationView } from "./conversation-view.tsx";
import { EmptyFleet } from "./empty-fleet.tsx";
import { ParametersPanel } from "./parameters-panel.tsx";
import { SnippetsDialog } from "./snippets-dialog.tsx";
import { playground } from "./state.ts";
import { TargetBar } from "./target-bar.tsx";
import { undoable } from "./undoable.ts";
import { useFirstTarget } from "./use-first-target.ts";
import { useOfferedModels } from "./use-offered-models.ts";

export default function PlaygroundPage() {
  const t = playgroundText.value;
  const panel = useId();
  const showsParameters = useSignal(false);
  const showsCode = useSignal(false);
  const { data: models, error, reload } = useOfferedModels();
  useFirstTarget(models);
  useEscape();
  const isComparing = playground.targets.value.length > 1;
  useCommands(
    () => [
      { id: "playground-new", label: t.action.newChat, icon: "plus", run: newChat },
      {
        id: "playground-compare",
        label: isComparing ? t.action.compareStop : t.action.compare,
        icon: "columns",
        run: () => playground.compare(!isComparing),
      },
    ],
    [t, isComparing],
  );
  const isEmpty = models?.length === 0 && playground.conversation.value.length === 0;

  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          <>
            <Button icon="columns" onClick={() => playground.compare(!isComparing)}>
              {isComparing ? t.action.compareStop : t.action.compare}
            </Button>
            <Button
              icon="settings"
              expanded={showsParameters.value}
              controls={showsParameters.value ? panel : undefined}
              onClick={() => {
                showsParameters.value = !showsParameters.value;
              }}
            >
              {t.action.parameters}
            </Button>
            <Button
              icon="copy"
              hasPopup="dialog"
              onClick={() => {
                showsCode.value = true;
              }}
            >
              {t.action.code}
            </Button>
            <Button icon="plus" disabled={playground.conversation.value.length === 0} onClick={newChat}>
              {t.action.newChat}
            </Button>
          </>
        }
      />
      {!canChange.value && (
        <Notice tone="info">
          <strong>{t.viewer.title}</strong>
          <div>{t.viewer.hint}</div>
        </Notice>
      )}
      {models === undefined ? (
        error === undefined ? (
          <Skeleton lines={5} />
        ) : (
          <ErrorState error={error} retry={reload} />
        )
      ) : isEmpty ? (
        <EmptyFleet />
      ) : (
        <div class="pg">
          <div class="pg-main">
            <TargetBar models={models} />
            <ConversationView />
            <Composer models={models} />
          </div>
          {showsParameters.value && <ParametersPanel id={panel} />}
        </div>
      )}
      {showsCode.value && (
        <SnippetsDialog
          onClose={() => {
            showsCode.value = false;
          }}
        />
      )}
    </>
  );
}

const newChat = (): void => undoable("cleared", () => playground.clear());

/** Esc stops what runs, wherever the focus is; in a dialog or a menu it is theirs. */
function useEscape(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector("dialog[open]") === null) playground.stop();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
