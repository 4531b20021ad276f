import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { playgroundText } from "../../text/playground/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { cx } from "../../ui/classes.ts";
import { Field } from "../../ui/fields.tsx";
import { Name } from "../../ui/name.tsx";
import { foundModels, type OfferedModel } from "./lib/offered-model.ts";

/** Of a fleet with hundreds of models: who wants another one types. */
const MOST_SHOWN = 60;

/** A model's name, typed or chosen. What is typed and found nowhere is taken as it is: the coordinator may know more. */
export function ModelPicker({
  label,
  value,
  models,
  onChoose,
}: {
  label: string;
  value: string;
  models: readonly OfferedModel[];
  onChoose: (model: string) => void;
}) {
  const t = playgroundText.value.target;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  /** What is typed; undefined: closed. */
  const typed = useSignal<string | undefined>(undefined);
  const at = useSignal(0);
  const wanted = typed.value === value ? "" : (typed.value ?? "");
  const found = foundModels(models, wanted.trim()).slice(0, MOST_SHOWN);
  const isOpen = typed.value !== undefined;

  const open = (text: string): void => {
    typed.value = text;
    at.value = Math.max(0, text === value ? found.findIndex(({ name }) => name === value) : 0);
  };
  const close = (chosen?: string): void => {
    typed.value = undefined;
    if (chosen !== undefined && chosen !== "" && chosen !== value) onChoose(chosen);
  };
  const leave = (): void => {
    const text = typed.value?.trim() ?? "";
    const named = models.find(({ name }) => name === text)?.name;
    close(named ?? (found.length === 0 ? text : undefined));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) {
        open(value);
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      at.value = (at.value + step + found.length) % Math.max(1, found.length);
      document.getElementById(`${id}-${at.value}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      close(found[at.value]?.name ?? typed.value?.trim());
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    }
  };

  return (
    <Field label={label}>
      {(wiring) => (
        <div class="pg-picker">
          <input
            {...wiring}
            ref={input}
            class="input mono"
            type="text"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={isOpen}
            aria-controls={isOpen ? `${id}-list` : undefined}
            aria-activedescendant={isOpen && found.length > 0 ? `${id}-${at.value}` : undefined}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder={isOpen ? t.search : t.choose}
            value={typed.value ?? value}
            onFocus={(event) => event.currentTarget.select()}
            onClick={() => {
              if (!isOpen) open(value);
            }}
            onInput={(event) => open(event.currentTarget.value)}
            onBlur={leave}
            onKeyDown={onKeyDown}
          />
          {isOpen && (
            <div class="pg-options" role="listbox" id={`${id}-list`} aria-label={label}>
              {found.map((model, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus.
                <div
                  key={model.name}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === at.value}
                  class={cx("pg-option", index === at.value && "pg-option-on")}
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => {
                    close(model.name);
                    input.current?.focus();
                  }}
                >
                  <span class="grow pg-option-name">
                    <Name value={model.name} mono />
                  </span>
                  {model.loaded && <Badge tone="ok">{t.loaded}</Badge>}
                  <span class="muted small nowrap">
                    {model.machines.length === 0 ? t.alias : t.machines(model.machines.length)}
                  </span>
                </div>
              ))}
              {found.length === 0 && (
                <div class="pg-option muted" role="option" aria-selected={false} aria-disabled tabIndex={-1}>
                  {t.nothing}
                </div>
              )}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
