import { useId } from "preact/hooks";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, withOwn } from "../../ui/choice.tsx";
import { CommitInput } from "../../ui/commit-input.tsx";
import { machines, useModelNames } from "./names.ts";
import { FILTER_NAMES, type Filters, held, STATUSES } from "./request-filter.ts";
import { TimeChoice } from "./time-choice.tsx";

const ENDPOINTS = [
  "/api/chat",
  "/api/generate",
  "/api/embed",
  "/api/show",
  "/api/pull",
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/embeddings",
  "/v1/responses",
  "/v1/messages",
];
const CLASSES = ["2xx", "4xx", "5xx"] as const;

/** What narrows the requests; all of it stands in the address. */
export function FilterBar({
  filters,
  keys,
  timed,
  onChange,
}: {
  filters: Filters;
  keys: readonly KeyView[];
  /** Whether times can be chosen. */
  timed: boolean;
  onChange: (change: Partial<Filters>) => void;
}) {
  const t = requestsText.value.filter;
  const id = useId();
  const models = useModelNames();
  const narrowed = held(filters).length > 0;
  return (
    <div class="requests-filters" role="search" aria-label={t.label}>
      <CommitInput
        value={filters.model}
        label={t.model}
        placeholder={t.model}
        list={`${id}-models`}
        onCommit={(model) => onChange({ model })}
      />
      <datalist id={`${id}-models`}>
        {models.map((model) => (
          <option key={model} value={model} />
        ))}
      </datalist>
      <Choice
        label={t.machine}
        any={t.any.machine}
        value={filters.agent_id}
        pairs={withOwn(machines.value, filters.agent_id)}
        onChange={(agent_id) => onChange({ agent_id })}
      />
      <Choice
        label={t.key}
        any={t.any.key}
        value={filters.key_id}
        pairs={withOwn(
          keys.map(({ id: key, name }) => [key, name]),
          filters.key_id,
        )}
        onChange={(key_id) => onChange({ key_id })}
      />
      <Choice
        label={t.status}
        any={t.any.status}
        value={filters.status}
        pairs={withOwn(
          STATUSES.map((status) => {
            const isClass = CLASSES.find((one) => one === status);
            return [status, isClass === undefined ? status : t.statusClass[isClass]];
          }),
          filters.status,
        )}
        onChange={(status) => onChange({ status })}
      />
      <CommitInput
        value={filters.endpoint}
        label={t.endpoint}
        placeholder={t.endpoint}
        list={`${id}-endpoints`}
        onCommit={(endpoint) => onChange({ endpoint })}
      />
      <datalist id={`${id}-endpoints`}>
        {ENDPOINTS.map((endpoint) => (
          <option key={endpoint} value={endpoint} />
        ))}
      </datalist>
      {timed && <TimeChoice filters={filters} onChange={onChange} />}
      {narrowed && (
        <Button
          kind="ghost"
          size="sm"
          icon="close"
          onClick={() => onChange(Object.fromEntries(FILTER_NAMES.map((name) => [name, ""])))}
        >
          {t.clear}
        </Button>
      )}
    </div>
  );
}
