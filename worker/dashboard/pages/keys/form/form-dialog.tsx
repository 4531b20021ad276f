import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type ApiError, asApiError } from "../../../lib/api.ts";
import { common } from "../../../text/common/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";

/** A form in a dialog: sends once at a time, says what went wrong, and keeps what was typed. */
export function FormDialog({
  title,
  submit,
  failed,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** What the button says. */
  submit: string;
  /** Makes a sentence of what went wrong. */
  failed: (what: string) => string;
  /** Rejects when it did not work. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
  /** The fields, given the API's faults of them. */
  children: (faults: Readonly<Record<string, string>>) => ComponentChildren;
}) {
  const failure = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const send = async (): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    failure.value = null;
    try {
      await onSubmit();
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      keep
      footer={
        <>
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button kind="primary" busy={busy.value} changes onClick={() => void send()}>
            {submit}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {failure.value !== null && (
          <Notice tone="bad" alert>
            {failed(whatToDo(failure.value))}
          </Notice>
        )}
        {children(failure.value?.fields ?? {})}
        {/* For Enter: the button that is seen stands outside of the form. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
