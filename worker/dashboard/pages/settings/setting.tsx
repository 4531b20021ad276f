import type { ComponentChildren } from "preact";
import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/classes.ts";
import { changedFields, draftOf, type Field, only } from "./draft.ts";
import type { SettingsForm } from "./store.ts";

const DEFAULTS = draftOf(DEFAULT_SETTINGS);

/** One setting: its control, whether it is fixed, what it is by default, and what else happened to it. */
export function Setting({
  form,
  field,
  standard,
  children,
}: {
  form: SettingsForm;
  field: Field;
  /** The default, as it is shown. */
  standard: string;
  children: ComponentChildren;
}) {
  const t = settingsText.value;
  const draft = form.draft.value;
  const isDefault = draft !== undefined && !changedFields(DEFAULTS, draft).includes(field);
  const isLocked = form.isLocked(field);
  return (
    <div class={cx("setting", form.changed.value.includes(field) && "setting-changed")}>
      {children}
      <div class="setting-foot">
        {isLocked ? (
          <>
            <Badge tone="info">{t.locked}</Badge>
            <span class="muted small">{t.lockedWhy}</span>
          </>
        ) : (
          <>
            <span class="muted small">{t.default(standard)}</span>
            {!isDefault && (
              <Button
                kind="ghost"
                size="sm"
                icon="refresh"
                changes
                label={t.resetField(t.fields[field])}
                onClick={() => form.change(only(DEFAULTS, field))}
              >
                {t.reset}
              </Button>
            )}
          </>
        )}
      </div>
      {form.conflicts.value.includes(field) && (
        <div class="setting-conflict" role="status">
          <span class="grow">{t.elsewhere.conflict}</span>
          <Button size="sm" onClick={() => form.useTheirs(field)}>
            {t.elsewhere.theirs}
          </Button>
        </div>
      )}
    </div>
  );
}
