import { fmt } from "../../lib/fmt.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icons.tsx";
import type { SettingsForm } from "./store.ts";

/** The first field that has a fault may be far from the button. */
function showFault(): void {
  const fault = document.querySelector<HTMLElement>(".settings [aria-invalid], .settings .field-error");
  fault?.scrollIntoView({ block: "center" });
  fault?.focus({ preventScroll: true });
}

/** Its buttons stand at its beginning, since messages appear over its end. It stays in sight while there is something to save. */
export function SaveBar({ form }: { form: SettingsForm }) {
  const t = settingsText.value.bar;
  const changed = form.changed.value.length;
  if (changed === 0) return null;
  const save = async (): Promise<void> => {
    await form.save();
    if (form.failure.peek() !== null) requestAnimationFrame(showFault);
  };
  return (
    <section class="save-bar" aria-label={t.label}>
      <Button kind="primary" changes busy={form.busy.value} onClick={() => void save()}>
        {t.save}
      </Button>
      <Button onClick={() => form.discard()} disabled={form.busy.value}>
        {t.discard}
      </Button>
      <div class="grow" aria-live="polite">
        <span class="strong">{t.changed(changed, fmt.count(changed))}</span>
        {form.failure.value !== null && (
          <span class="save-failure" role="alert">
            <Icon name="error" /> {form.failure.value}
          </span>
        )}
      </div>
    </section>
  );
}
