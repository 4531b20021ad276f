import { canChange } from "../../lib/session.ts";
import { common } from "../../text/common/index.ts";
import { settingsText } from "../../text/settings/index.ts";
import { TagsInput } from "../../ui/tags-input.tsx";
import type { AliasRow, FallbackRow } from "./draft.ts";
import type { SettingsForm } from "./store.ts";
import { TableSetting } from "./table-setting.tsx";

const LIST = "settings-models";
const MOST_FALLBACKS = 10;

/** Names of models that there are, for what is typed in the tables. */
export function ModelNames({ models }: { models: readonly string[] }) {
  return (
    <datalist id={LIST}>
      {models.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}

export function Aliases({ form }: { form: SettingsForm }) {
  const t = settingsText.value.tables;
  const rows = form.draft.value?.aliases ?? [];
  const put = (at: number, change: Partial<AliasRow>): void =>
    form.change({ aliases: rows.map((row, index) => (index === at ? { ...row, ...change } : row)) });
  const off = form.isLocked("aliases");
  return (
    <TableSetting
      form={form}
      field="aliases"
      head={[t.asked, t.answers]}
      nothing={t.noAliases}
      add={t.addAlias}
      onAdd={() => form.change({ aliases: [...rows, { name: "", target: "" }] })}
      onRemove={(at) => form.change({ aliases: rows.filter((_, index) => index !== at) })}
      rows={rows.map(({ name, target }, at) => [
        <Cell
          key="name"
          label={t.aliasName(String(at + 1))}
          placeholder={t.placeholderName}
          value={name}
          off={off}
          onInput={(value) => put(at, { name: value })}
        />,
        <Cell
          key="target"
          label={t.aliasTarget(String(at + 1))}
          placeholder={t.placeholderModel}
          value={target}
          off={off}
          onInput={(value) => put(at, { target: value })}
        />,
      ])}
    />
  );
}

export function Fallbacks({ form, models }: { form: SettingsForm; models: readonly string[] }) {
  const t = settingsText.value.tables;
  const rows = form.draft.value?.fallbacks ?? [];
  const put = (at: number, change: Partial<FallbackRow>): void =>
    form.change({ fallbacks: rows.map((row, index) => (index === at ? { ...row, ...change } : row)) });
  const off = form.isLocked("fallbacks");
  return (
    <TableSetting
      form={form}
      field="fallbacks"
      head={[t.asked, t.order]}
      nothing={t.noFallbacks}
      add={t.addFallback}
      onAdd={() => form.change({ fallbacks: [...rows, { name: "", models: [] }] })}
      onRemove={(at) => form.change({ fallbacks: rows.filter((_, index) => index !== at) })}
      rows={rows.map((row, at) => [
        <Cell
          key="name"
          label={t.fallbackName(String(at + 1))}
          placeholder={t.placeholderModel}
          value={row.name}
          off={off}
          onInput={(value) => put(at, { name: value })}
        />,
        <div key="models" class="setting-tags">
          <TagsInput
            label={t.fallbackModels(String(at + 1))}
            value={row.models}
            max={MOST_FALLBACKS}
            maxLength={200}
            suggestions={models}
            changes
            disabled={off}
            onChange={(chosen) => put(at, { models: chosen })}
          />
        </div>,
      ])}
    />
  );
}

function Cell({
  label,
  placeholder,
  value,
  off,
  onInput,
}: {
  label: string;
  placeholder: string;
  value: string;
  off: boolean;
  onInput: (value: string) => void;
}) {
  return (
    <input
      class="input mono"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      maxLength={200}
      list={LIST}
      spellcheck={false}
      autocomplete="off"
      disabled={off || !canChange.value}
      title={canChange.value ? undefined : common.value.viewerOnly}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
