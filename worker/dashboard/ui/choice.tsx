import { common } from "../text/common/index.ts";
import { harmless } from "./harmless.ts";

type Pair = readonly [value: string, shown: string];

/** A filter of a list: one of several values, or any. */
export function Choice({
  label,
  any,
  value,
  pairs,
  onChange,
}: {
  label: string;
  /** What is shown when nothing is chosen. */
  any: string;
  value: string;
  pairs: readonly Pair[];
  onChange: (value: string) => void;
}) {
  return (
    <select
      class="input"
      aria-label={`${common.value.action.filter}: ${label}`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <option value="" selected={value === ""}>
        {any}
      </option>
      {pairs.map(([one, shown]) => (
        <option key={one} value={one} selected={one === value}>
          {harmless(shown, 60)}
        </option>
      ))}
    </select>
  );
}

/** The values to choose from, and the one that holds: a link may name what is gone, and nobody would find out why nothing is listed. */
export function withOwn(pairs: readonly Pair[], own: string): readonly Pair[] {
  return own === "" || pairs.some(([value]) => value === own) ? pairs : [...pairs, [own, own]];
}
