import { useSignal } from "@preact/signals";
import { requestsText } from "../../text/requests/index.ts";
import { Choice } from "../../ui/choice.tsx";
import { CommitInput } from "../../ui/commit-input.tsx";
import { localTime } from "./local-time.ts";
import { type Filters, isoOf, LASTS } from "./request-filter.ts";

/** A time span, of events too. */
export function TimeChoice({
  filters,
  onChange,
}: {
  filters: Pick<Filters, "last" | "from" | "to">;
  onChange: (change: Partial<Pick<Filters, "last" | "from" | "to">>) => void;
}) {
  const t = requestsText.value.filter;
  const opened = useSignal(false);
  const isCustom = filters.from !== "" || filters.to !== "" || (opened.value && filters.last === "");
  return (
    <>
      <Choice
        label={t.time}
        any={t.any.time}
        value={isCustom ? "custom" : filters.last}
        pairs={[...LASTS.map((last) => [last, t.last[last]] as const), ["custom", t.custom]]}
        onChange={(value) => {
          opened.value = value === "custom";
          onChange({ last: LASTS.find((last) => last === value) ?? "", from: "", to: "" });
        }}
      />
      {isCustom &&
        (["from", "to"] as const).map((name) => (
          <div key={name} class="requests-time">
            <span class="muted small" aria-hidden="true">
              {t[name]}
            </span>
            <CommitInput
              type="datetime-local"
              step={1}
              value={localTime(filters[name])}
              label={t[name]}
              onCommit={(value) => onChange({ last: "", [name]: isoOf(value) })}
            />
          </div>
        ))}
    </>
  );
}
