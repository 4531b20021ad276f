import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import { call } from "../../lib/api.ts";
import { revision } from "../../lib/feed.ts";
import { useResource } from "../../lib/resource.ts";
import { settingsText } from "../../text/settings/index.ts";
import { Card } from "../../ui/card.tsx";
import { TagsInput } from "../../ui/tags-input.tsx";
import { Aliases, Fallbacks, ModelNames } from "./name-tables.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { Setting } from "./setting.tsx";
import type { SettingsForm } from "./store.ts";
import { StrategySetting } from "./strategy-setting.tsx";

const modelsRevision = revision("models");

/** All settings, what belongs together in one card. */
export function Groups({ form }: { form: SettingsForm }) {
  const t = settingsText.value;
  // Only to help with typing: without it names are typed as they are known.
  const { data } = useResource(
    (signal) => call("GET /api/admin/models", { query: { limit: 200 }, signal }),
    [modelsRevision.value],
  );
  const models = data?.items.map(({ name }) => name) ?? [];
  return (
    <>
      <Card title={t.groups.choosing}>
        <StrategySetting form={form} />
      </Card>
      <Card title={t.groups.queue}>
        <div class="settings-pair">
          <NumberSetting form={form} field="queue.max_length" />
          <NumberSetting form={form} field="queue.timeout_s" />
        </div>
      </Card>
      <Card title={t.groups.times}>
        <div class="settings-pair">
          <NumberSetting form={form} field="connect_timeout_s" />
          <NumberSetting form={form} field="first_byte_timeout_s" />
          <NumberSetting form={form} field="idle_timeout_s" />
          <NumberSetting form={form} field="resume_window_s" />
        </div>
      </Card>
      <Card title={t.groups.names}>
        <ModelNames models={models} />
        <div class="stack stack-lg">
          <Aliases form={form} />
          <Fallbacks form={form} models={models} />
        </div>
      </Card>
      <Card title={t.groups.keeping}>
        <div class="settings-pair">
          <NumberSetting form={form} field="retention_days" />
          <Origins form={form} />
        </div>
      </Card>
    </>
  );
}

function Origins({ form }: { form: SettingsForm }) {
  const t = settingsText.value;
  return (
    <Setting form={form} field="cors_origins" standard={DEFAULT_SETTINGS.cors_origins.join(", ")}>
      <TagsInput
        label={t.fields.cors_origins}
        hint={t.hints.cors_origins}
        value={form.draft.value?.cors_origins ?? []}
        max={100}
        changes
        disabled={form.isLocked("cors_origins")}
        error={form.faultOf("cors_origins")}
        onChange={(cors_origins) => form.change({ cors_origins })}
      />
    </Setting>
  );
}
