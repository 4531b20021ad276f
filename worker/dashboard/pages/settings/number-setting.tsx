import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import { fmt } from "../../lib/fmt.ts";
import { settingsText } from "../../text/settings/index.ts";
import { NumberInput } from "../../ui/fields.tsx";
import { BOUNDS, draftOf, type NumberField } from "./draft.ts";
import { Setting } from "./setting.tsx";
import type { SettingsForm } from "./store.ts";

const DEFAULTS = draftOf(DEFAULT_SETTINGS);

export function NumberSetting({ form, field }: { form: SettingsForm; field: NumberField }) {
  const t = settingsText.value;
  const { min, max } = BOUNDS[field];
  const unit =
    field === "queue.max_length"
      ? t.units.requests
      : field === "retention_days"
        ? t.units.days
        : t.units.seconds;
  return (
    <Setting form={form} field={field} standard={`${fmt.count(DEFAULTS[field])} ${unit}`}>
      <NumberInput
        label={t.fields[field]}
        hint={`${t.hints[field]} ${t.range(fmt.count(min), fmt.count(max))}`}
        value={form.draft.value?.[field] ?? null}
        unit={unit}
        min={min}
        max={max}
        step={1}
        changes
        disabled={form.isLocked(field)}
        error={form.faultOf(field)}
        onInput={(value) => form.change({ [field]: value })}
      />
    </Setting>
  );
}
