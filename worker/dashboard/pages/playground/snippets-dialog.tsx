import { useSignal } from "@preact/signals";
import { hrefOf } from "../../lib/router.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { CopyButton } from "../../ui/copy.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/fields.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Notice } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { hasPictures } from "./lib/snippets/body.ts";
import { SNIPPETS, type SnippetId, snippet } from "./lib/snippets/snippets.ts";
import { playground } from "./state.ts";

/** What was just done, as code to take along. */
export function SnippetsDialog({ onClose }: { onClose: () => void }) {
  const t = playgroundText.value.snippets;
  const sent = playground.sent.value;
  return (
    <Dialog title={t.title} onClose={onClose} size="lg">
      {sent === undefined ? <p class="muted">{t.notYet}</p> : <Snippets sent={sent} />}
    </Dialog>
  );
}

function Snippets({ sent }: { sent: NonNullable<typeof playground.sent.value> }) {
  const { snippets: t, parameters } = playgroundText.value;
  const kind = useSignal<SnippetId>("curl");
  const column = useSignal(0);
  const chat = sent.chats[column.value] ?? sent.chats[0];
  if (chat === undefined) return null;
  const { code, missing } = snippet(kind.value, location.origin, sent.dialect, chat);
  return (
    <>
      <p class="muted small">
        {t.hint} <a href={hrefOf("/keys")}>{t.makeKey}</a>
      </p>
      {sent.chats.length > 1 && (
        <Select
          label={t.column}
          value={String(column.value)}
          options={sent.chats.map(({ model }, at) => ({
            value: String(at),
            label: t.columns(at + 1, harmless(model, 60)),
          }))}
          onChange={(value) => {
            column.value = Number(value);
          }}
        />
      )}
      <div>
        <Tabs
          label={t.kinds}
          selected={kind.value}
          onSelect={(id) => {
            kind.value = id;
          }}
          tabs={SNIPPETS.map((id) => ({ id, label: t.kind[id] }))}
        >
          <div class="pg-code">
            <div class="pg-code-head">
              <span class="muted small">{t.kind[kind.value]}</span>
              <CopyButton text={code} size="sm" />
            </div>
            <pre dir="ltr" tabIndex={0} class="pg-snippet">
              <code>{code}</code>
            </pre>
          </div>
        </Tabs>
      </div>
      {missing.length > 0 && (
        <Notice tone="warn">{t.missing(missing.map((name) => parameters.names[name]).join(", "))}</Notice>
      )}
      {hasPictures(chat) && <p class="muted small">{t.pictures}</p>}
    </>
  );
}
