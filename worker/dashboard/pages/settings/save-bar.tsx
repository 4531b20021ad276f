import { fmt } from "../../lib/fmt.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icons.tsx";
import type { SettingsForm } from "./store.ts";

/** Stays in sight while there is something to save. */
export function SaveBar({ form }: { form: SettingsForm }) {
  const t = settingsText.value.bar;
  const changed = form.changed.value.length;
  if (changed === 0) return null;
  return (
    <section class="save-bar" aria-label={t.label}>
      <div class="grow" aria-live="polite">
        <span class="strong">{t.changed(changed, fmt.count(changed))}</span>
        {form.failure.value !== null && (
          <span class="save-failure" role="alert">
            <Icon name="error" /> {form.failure.value}
          </span>
        )}
      </div>
      <Button onClick={() => form.discard()} disabled={form.busy.value}>
        {t.discard}
      </Button>
      <Button kind="primary" changes busy={form.busy.value} onClick={() => void form.save()}>
        {t.save}
      </Button>
    </section>
  );
}
