import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { canChange } from "../lib/session.ts";
import { common } from "../text/common/index.ts";

interface FieldProps {
  label: string;
  /** What it means, or what is allowed. */
  hint?: ComponentChildren;
  /** Of `ApiError.fields`. */
  error?: string | undefined;
  optional?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Label, explanation and fault around any control: `{(wiring) => <input {...wiring} />}`. */
export function Field({
  label,
  hint,
  error,
  optional = false,
  children,
}: FieldProps & { children: (wiring: Wiring) => ComponentChildren }) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`];
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="muted"> ({common.value.form.optional})</span>}
      </label>
      {children({
        id,
        "aria-describedby": described.filter((one) => one !== "").join(" ") || undefined,
        "aria-invalid": error === undefined ? undefined : true,
      })}
      {hint !== undefined && (
        <div class="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error !== undefined && (
        <div class="field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

interface Common extends FieldProps {
  disabled?: boolean | undefined;
  /** It changes something: a viewer cannot use it. */
  changes?: boolean;
}

const isOff = ({ disabled, changes }: Common): boolean =>
  disabled === true || (changes === true && !canChange.value);

const why = ({ changes }: Common): string | undefined =>
  changes === true && !canChange.value ? common.value.viewerOnly : undefined;

export interface TextInputProps extends Common {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "password" | "search" | "url" | "datetime-local" | "date";
  placeholder?: string;
  required?: boolean;
  maxLength?: number;
  autocomplete?: string;
  autofocus?: boolean;
  mono?: boolean;
  /** More than one: a larger field. */
  rows?: number;
}

export function TextInput(props: TextInputProps) {
  const { value, onInput, rows } = props;
  return (
    <Field {...props}>
      {(wiring) => {
        const shared = {
          ...wiring,
          value,
          class: props.mono === true ? "input mono" : "input",
          placeholder: props.placeholder,
          required: props.required,
          maxLength: props.maxLength,
          disabled: isOff(props),
          title: why(props),
          autofocus: props.autofocus,
        };
        return rows === undefined ? (
          <input
            {...shared}
            // The types of elements want a literal here.
            type={(props.type ?? "text") as "text"}
            spellcheck={false}
            autocomplete={props.autocomplete ?? "off"}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <textarea {...shared} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
        );
      }}
    </Field>
  );
}

/** A number or nothing. */
export function NumberInput(
  props: Common & {
    value: number | null;
    onInput: (value: number | null) => void;
    min?: number;
    max?: number;
    step?: number | "any";
    placeholder?: string;
    unit?: string;
  },
) {
  return (
    <Field {...props}>
      {(wiring) => (
        <span class="input-unit">
          <input
            {...wiring}
            class="input"
            type="number"
            inputMode="decimal"
            value={props.value ?? ""}
            min={props.min}
            max={props.max}
            step={props.step ?? "any"}
            placeholder={props.placeholder}
            disabled={isOff(props)}
            title={why(props)}
            onInput={(event) => {
              const { value, valueAsNumber } = event.currentTarget;
              props.onInput(value === "" || Number.isNaN(valueAsNumber) ? null : valueAsNumber);
            }}
          />
          {props.unit !== undefined && <span class="muted">{props.unit}</span>}
        </span>
      )}
    </Field>
  );
}

export interface Option<Value extends string> {
  value: Value;
  label: string;
}

export function Select<Value extends string>(
  props: Common & {
    value: Value;
    options: readonly Option<Value>[];
    onChange: (value: Value) => void;
  },
) {
  return (
    <Field {...props}>
      {(wiring) => (
        <select
          {...wiring}
          class="input"
          value={props.value}
          disabled={isOff(props)}
          title={why(props)}
          onChange={(event) => {
            const chosen = props.options.find(({ value }) => value === event.currentTarget.value);
            if (chosen !== undefined) props.onChange(chosen.value);
          }}
        >
          {props.options.map(({ value, label }) => (
            <option key={value} value={value} selected={value === props.value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Checkbox(props: Common & { checked: boolean; onChange: (checked: boolean) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label class="check" for={id} title={why(props)}>
        <input
          id={id}
          type="checkbox"
          checked={props.checked}
          disabled={isOff(props)}
          aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
        <span>{props.label}</span>
      </label>
      {props.hint !== undefined && (
        <div class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </div>
      )}
      {props.error !== undefined && (
        <div class="field-error" role="alert">
          {props.error}
        </div>
      )}
    </div>
  );
}

export type { Common as FieldCommon };
export { isOff, why };
