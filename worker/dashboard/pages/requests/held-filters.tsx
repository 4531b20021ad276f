import type { KeyView } from "../../../../shared/api/keys.ts";
import { fmt } from "../../lib/fmt.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { harmless } from "../../ui/harmless.ts";
import { EmptyState } from "../../ui/states.tsx";
import { machineName } from "./names.ts";
import { type FilterName, type Filters, held } from "./request-filter.ts";

/** What a filter says, in words. */
export function filterWords(name: FilterName, filters: Filters, keys: readonly KeyView[]): string {
  const t = requestsText.value.filter;
  const value = filters[name];
  switch (name) {
    case "agent_id":
      return `${t.machine}: ${harmless(machineName(value) ?? value)}`;
    case "key_id":
      return `${t.key}: ${harmless(keys.find(({ id }) => id === value)?.name ?? value)}`;
    case "last":
      return filters.last === "" ? "" : t.last[filters.last];
    case "from":
    case "to":
      return `${t[name]}: ${fmt.dateTime(value)}`;
    case "model":
    case "status":
    case "endpoint":
      return `${t[name]}: ${harmless(value)}`;
  }
}

/** Nothing passes: which filters hold, each with a way to take it off. */
export function NothingPasses({
  filters,
  keys,
  names = held(filters),
  onRemove,
  children,
}: {
  filters: Filters;
  keys: readonly KeyView[];
  /** Those that count here. */
  names?: readonly FilterName[];
  onRemove: (names: readonly FilterName[]) => void;
  children?: string | undefined;
}) {
  const t = requestsText.value.filter;
  const { from, to } = filters;
  const backwards = names.includes("to") && from !== "" && to !== "" && from > to;
  return (
    <EmptyState
      icon="filter"
      title={t.none}
      actions={
        <Button kind="primary" onClick={() => onRemove(names)}>
          {t.clear}
        </Button>
      }
    >
      <div class="stack stack-sm">
        <p>{backwards ? t.backwards : (children ?? t.noneText)}</p>
        <ul class="requests-held">
          {names.map((name) => {
            const words = filterWords(name, filters, keys);
            return (
              <li key={name}>
                <Button size="sm" icon="close" label={t.remove(words)} onClick={() => onRemove([name])}>
                  {words}
                </Button>
              </li>
            );
          })}
        </ul>
      </div>
    </EmptyState>
  );
}
