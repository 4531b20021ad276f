import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { machinesText } from "../../text/machines/index.ts";
import { Button } from "../../ui/button.tsx";
import { harmless } from "../../ui/harmless.ts";
import { allTags } from "./machine-filter.ts";
import { isGroup, STATE_GROUPS } from "./machine-state.ts";

const search = queryValue("q");
const state = queryValue("state");
const tag = queryValue("tag");

/** What narrows the list; all of it stands in the address. */
export function MachineFilters({ shown, onClear }: { shown: number; onClear: () => void }) {
  const t = machinesText.value.filter;
  const tags = allTags(feed.agents.value);
  // A link may name a tag that no machine has any more: it is shown, or nobody would find out why the list is empty.
  const offered = tag.value === "" || tags.includes(tag.value) ? tags : [...tags, tag.value];
  const all = feed.agents.value.length;
  const narrowed = search.value !== "" || state.value !== "" || tag.value !== "";
  return (
    <div class="machines-filters">
      <input
        class="input"
        type="search"
        value={search.value}
        placeholder={t.search}
        aria-label={t.search}
        title={t.searchHint}
        spellcheck={false}
        onInput={(event) => setQuery({ q: event.currentTarget.value })}
      />
      <select
        class="input"
        aria-label={t.state}
        value={isGroup(state.value) ? state.value : ""}
        onChange={(event) => setQuery({ state: event.currentTarget.value })}
      >
        <option value="">{t.all}</option>
        {STATE_GROUPS.map((group) => (
          <option key={group} value={group}>
            {t.group[group]}
          </option>
        ))}
      </select>
      {offered.length > 0 && (
        <select
          class="input"
          aria-label={t.tag}
          value={tag.value}
          onChange={(event) => setQuery({ tag: event.currentTarget.value })}
        >
          <option value="">{t.allTags}</option>
          {offered.map((one) => (
            <option key={one} value={one}>
              {harmless(one, 50)}
            </option>
          ))}
        </select>
      )}
      <span class="muted small" role="status">
        {t.count(fmt.count(shown), fmt.count(all))}
      </span>
      {narrowed && (
        <Button kind="ghost" size="sm" icon="close" onClick={onClear}>
          {t.clear}
        </Button>
      )}
    </div>
  );
}
