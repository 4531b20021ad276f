import { useSignal } from "@preact/signals";
import { common } from "../text/common/index.ts";
import { IconButton } from "./button.tsx";
import { Field, type FieldCommon, isOff, why } from "./fields.tsx";
import { Name } from "./name.tsx";

/** Several short texts: Enter or a comma adds one, Backspace in the empty field takes the last. */
export function TagsInput(
  props: FieldCommon & {
    value: readonly string[];
    onChange: (value: string[]) => void;
    placeholder?: string;
    max?: number;
    maxLength?: number;
    suggestions?: readonly string[];
  },
) {
  const { value, onChange } = props;
  const text = useSignal("");
  const off = isOff(props);
  const add = (): void => {
    const tag = text.value.trim();
    const isNew = tag !== "" && !value.includes(tag);
    // Where no more fit, what was typed stays, and can be seen not to have become one.
    if (isNew && value.length >= (props.max ?? 100)) return;
    text.value = "";
    if (isNew) onChange([...value, tag]);
  };
  const t = common.value;
  return (
    <Field hint={t.form.tagsHint} {...props}>
      {(wiring) => (
        <div class="tags-input" title={why(props)}>
          {value.map((tag) => (
            <span class="tag" key={tag}>
              <Name value={tag} />
              {!off && (
                <IconButton
                  icon="close"
                  size="sm"
                  label={t.action.remove(tag.slice(0, 60))}
                  onClick={(event) => {
                    // The button goes with its tag; the focus stays in the field.
                    const field =
                      event.currentTarget instanceof Element && event.currentTarget.closest(".tags-input");
                    if (field) field.querySelector("input")?.focus();
                    onChange(value.filter((one) => one !== tag));
                  }}
                />
              )}
            </span>
          ))}
          <input
            {...wiring}
            value={text.value}
            disabled={off}
            placeholder={props.placeholder}
            maxLength={props.maxLength}
            list={props.suggestions === undefined ? undefined : `${wiring.id}-list`}
            autocomplete="off"
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
            onBlur={add}
            onKeyDown={(event) => {
              // An input method that is composing uses Enter for itself.
              if (event.isComposing) return;
              if (event.key === "Enter" || event.key === ",") {
                if (text.value.trim() !== "") event.preventDefault();
                add();
              } else if (event.key === "Backspace" && text.value === "" && value.length > 0) {
                onChange(value.slice(0, -1));
              }
            }}
          />
          {props.suggestions !== undefined && (
            <datalist id={`${wiring.id}-list`}>
              {props.suggestions.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </div>
      )}
    </Field>
  );
}
