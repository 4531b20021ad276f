import { useId } from "preact/hooks";
import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import { canChange } from "../../lib/session.ts";
import { common } from "../../text/common/index.ts";
import { settingsText } from "../../text/settings/index.ts";
import { cx } from "../../ui/classes.ts";
import { STRATEGIES } from "./draft.ts";
import { Setting } from "./setting.tsx";
import type { SettingsForm } from "./store.ts";

export function StrategySetting({ form }: { form: SettingsForm }) {
  const t = settingsText.value;
  const id = useId();
  const chosen = form.draft.value?.strategy;
  const off = form.isLocked("strategy") || !canChange.value;
  const fault = form.faultOf("strategy");
  return (
    <Setting form={form} field="strategy" standard={t.strategies[DEFAULT_SETTINGS.strategy]}>
      <fieldset class="strategies" title={canChange.value ? undefined : common.value.viewerOnly}>
        <legend class="sr-only">{t.fields.strategy}</legend>
        <p class="field-hint">{t.hints.strategy}</p>
        {STRATEGIES.map((name) => (
          <label key={name} class={cx("strategy", name === chosen && "strategy-on")} for={`${id}-${name}`}>
            <input
              id={`${id}-${name}`}
              type="radio"
              name={id}
              value={name}
              checked={name === chosen}
              disabled={off}
              onChange={() => form.change({ strategy: name })}
            />
            <span>
              <span class="strong">{t.strategies[name]}</span>
              <span class="field-hint strategy-hint">{t.strategyHints[name]}</span>
            </span>
          </label>
        ))}
        {fault !== undefined && (
          <div class="field-error" role="alert">
            {fault}
          </div>
        )}
      </fieldset>
    </Setting>
  );
}
