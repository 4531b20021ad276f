import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/**
 * A field whose value counts when it is left or Enter is pressed, not with each letter. What is being typed stays when the
 * page around it is drawn again.
 */
export function CommitInput({
  value,
  onCommit,
  label,
  placeholder,
  list,
  type = "text",
  step,
}: {
  value: string;
  onCommit: (value: string) => void;
  /** Read out, and its tooltip. */
  label: string;
  placeholder?: string;
  /** Id of a `<datalist>`. */
  list?: string;
  type?: "text" | "search" | "datetime-local";
  step?: number;
}) {
  const draft = useSignal(value);
  useEffect(() => {
    draft.value = value;
  }, [value]);
  return (
    <input
      class="input"
      // The types of elements want a literal here.
      type={type as "text"}
      value={draft.value}
      aria-label={label}
      title={label}
      placeholder={placeholder}
      list={list}
      step={step}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => {
        draft.value = event.currentTarget.value;
      }}
      onChange={(event) => onCommit(event.currentTarget.value.trim())}
    />
  );
}
