import { cx } from "../../../ui/classes.ts";

/** A few alternatives side by side, of which one holds. */
export function Choice<Id extends string>({
  label,
  options,
  selected,
  onSelect,
}: {
  label: string;
  options: readonly { id: Id; label: string }[];
  selected: Id;
  onSelect: (id: Id) => void;
}) {
  return (
    <div class="keys-choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          class={cx("keys-option", option.id === selected && "keys-option-on")}
          aria-pressed={option.id === selected}
          onClick={() => onSelect(option.id)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
