import type { ComponentChildren } from "preact";
import { settingsText } from "../../text/settings/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Setting } from "./setting.tsx";
import type { SettingsForm } from "./store.ts";

/** A table whose rows are edited in place: the frame that aliases and fallbacks share. */
export function TableSetting({
  form,
  field,
  head,
  rows,
  nothing,
  add,
  onAdd,
  onRemove,
}: {
  form: SettingsForm;
  field: "aliases" | "fallbacks";
  head: readonly [string, string];
  /** Two cells for each row. */
  rows: readonly (readonly [ComponentChildren, ComponentChildren])[];
  /** Shown in place of rows. */
  nothing: string;
  add: string;
  onAdd: () => void;
  onRemove: (row: number) => void;
}) {
  const t = settingsText.value;
  const fault = form.faultOf(field);
  const isLocked = form.isLocked(field);
  return (
    <Setting form={form} field={field} standard={t.nothing}>
      <div class="stack stack-sm">
        <h3>{t.fields[field]}</h3>
        <p class="field-hint">{t.hints[field]}</p>
        {rows.length === 0 ? (
          <p class="muted setting-none">{nothing}</p>
        ) : (
          <table class="setting-table" aria-label={t.fields[field]}>
            <thead>
              <tr>
                <th scope="col">{head[0]}</th>
                <th scope="col">{head[1]}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {rows.map(([first, second], at) => (
                <tr key={at}>
                  <td data-label={head[0]}>{first}</td>
                  <td data-label={head[1]}>{second}</td>
                  <td class="setting-remove">
                    {!isLocked && (
                      <IconButton
                        icon="trash"
                        changes
                        label={t.tables.remove(String(at + 1))}
                        onClick={() => onRemove(at)}
                      />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {fault !== undefined && (
          <div class="field-error" role="alert">
            {fault}
          </div>
        )}
        {!isLocked && (
          <div>
            <Button size="sm" icon="plus" changes onClick={onAdd}>
              {add}
            </Button>
          </div>
        )}
      </div>
    </Setting>
  );
}
