import { useSignal } from "@preact/signals";
import { call } from "../../../lib/api.ts";
import { type ApiError, asApiError } from "../../../lib/api-error.ts";
import { feed } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { TextInput } from "../../../ui/fields.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";
import { pairFault } from "./pair-error.ts";

/** Where the code is typed that a machine shows. */
export function PairDialog({ onClose }: { onClose: () => void }) {
  const t = machinesText.value.pair;
  const code = useSignal("");
  const busy = useSignal(false);
  const failure = useSignal<ApiError | undefined>(undefined);
  const submit = async (): Promise<void> => {
    if (busy.value || code.value.trim() === "") return;
    busy.value = true;
    failure.value = undefined;
    try {
      const agent = await call("POST /api/admin/pairings/approve", { body: { code: code.value } });
      toast(<a href={hrefOf(`/machines/${agent.id}`)}>{t.done(harmless(agent.name))}</a>);
      onClose();
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={t.title} onClose={onClose} size="sm">
      {feed.ready.value && feed.pairings.value.length === 0 && <Notice>{t.nobody}</Notice>}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput
          label={t.code}
          hint={t.hint}
          value={code.value}
          onInput={(value) => {
            code.value = value;
            failure.value = undefined;
          }}
          placeholder="XKCD-4821"
          maxLength={64}
          mono
          autofocus
          changes
          error={failure.value === undefined ? undefined : wordsOf(failure.value)}
        />
        <div class="row machines-form-end">
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button type="submit" kind="primary" busy={busy.value} disabled={code.value.trim() === ""} changes>
            {t.submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function wordsOf(error: ApiError): string {
  const t = machinesText.value.pair;
  const fault = pairFault(error);
  if (fault === "other") return whatToDo(error);
  if (fault === "limited") return t.limited(fmt.span((error.retryAfterS ?? 60) * 1_000));
  return t[fault];
}
