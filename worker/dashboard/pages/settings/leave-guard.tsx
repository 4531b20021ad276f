import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { guardLeaving } from "../../lib/router.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

/** While it is shown, leaving the page asks first: by a link, a key, the browser's back, or closing the tab. */
export function LeaveGuard() {
  const t = settingsText.value.leave;
  const leaving = useSignal<(() => void) | null>(null);
  useEffect(() => {
    const stop = guardLeaving((go) => {
      leaving.value = go;
    });
    const closing = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", closing);
    return () => {
      stop();
      removeEventListener("beforeunload", closing);
    };
  }, []);
  if (leaving.value === null) return null;
  const stay = (): void => {
    leaving.value = null;
  };
  const leave = (): void => {
    const go = leaving.value;
    leaving.value = null;
    go?.();
  };
  return (
    <Dialog
      title={t.title}
      onClose={stay}
      size="sm"
      footer={
        <>
          <Button onClick={stay} autofocus>
            {t.stay}
          </Button>
          <Button kind="danger" onClick={leave}>
            {t.leave}
          </Button>
        </>
      }
    >
      <p>{t.text}</p>
    </Dialog>
  );
}
