import { useComputed, useSignal } from "@preact/signals";
import type { FeedAgent } from "../../../../../shared/api/feed.ts";
import type { ModelView } from "../../../../../shared/api/models.ts";
import { canonicalName } from "../../../../../shared/lib/model-name.ts";
import { agentsById, feed } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { canChange } from "../../../lib/session.ts";
import { common } from "../../../text/common/index.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { TextInput } from "../../../ui/fields.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { Notice } from "../../../ui/states.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { fitnessOf } from "./candidates.ts";
import { startPull } from "./pull-jobs.ts";

/** Which model goes to which machines. @param name that of the page it is opened on; empty: any */
export function PullDialog({
  name,
  models,
  onClose,
}: {
  name: string;
  models: readonly ModelView[];
  onClose: () => void;
}) {
  const t = modelsText.value.pull;
  const model = useSignal(name);
  const search = useSignal("");
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const tried = useSignal(false);
  const shown = useComputed(() => {
    const text = search.value.trim().toLowerCase();
    return feed.agents.value.filter((agent) => text === "" || agent.name.toLowerCase().includes(text));
  });
  // A machine may go, or its owner may change his mind, after it was ticked.
  const fit = useComputed(() =>
    [...chosen.value].flatMap((id) => {
      const agent = agentsById.value.get(id);
      return agent !== undefined && fitnessOf(agent) === "ok" ? [agent] : [];
    }),
  );
  const holders = new Set(
    models
      .find((one) => canonicalName(one.name) === canonicalName(model.value))
      ?.agents.map(({ id }) => id) ?? [],
  );
  const toggle = (agent: FeedAgent): void => {
    if (fitnessOf(agent) !== "ok" || !canChange.value) return;
    const next = new Set(chosen.value);
    if (!next.delete(agent.id)) next.add(agent.id);
    chosen.value = next;
  };
  const wished = model.value.trim();
  const start = (): void => {
    tried.value = true;
    if (wished === "" || fit.value.length === 0) return;
    for (const agent of fit.value) startPull(wished, agent);
    onClose();
  };
  return (
    <Dialog title={t.title} onClose={onClose} size="lg" keep={wished !== "" && wished !== name}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <TextInput
          label={t.model}
          hint={t.modelHint}
          value={model.value}
          onInput={(value) => {
            model.value = value;
          }}
          placeholder="qwen3:8b"
          maxLength={600}
          error={tried.value && wished === "" ? t.needModel : undefined}
          autofocus
          mono
          changes
        />
        <div class="stack stack-sm">
          <div class="row row-between">
            <h3>{t.choose}</h3>
            <span class="muted small" role="status">
              {t.chosen(fmt.count(fit.value.length))}
            </span>
          </div>
          {feed.agents.value.length > 8 && (
            <input
              class="input"
              type="search"
              value={search.value}
              placeholder={t.search}
              aria-label={t.search}
              onInput={(event) => {
                search.value = event.currentTarget.value;
              }}
            />
          )}
          <Table
            label={t.choose}
            rows={shown.value}
            keyOf={({ id }) => id}
            onOpen={toggle}
            height="300px"
            rowHeight={38}
            sort={{ column: "name", down: false }}
            columns={columns(chosen.value, holders, toggle)}
            empty={<p class="muted">{t.noMachines}</p>}
          />
          {tried.value && fit.value.length === 0 && (
            <Notice tone="bad" alert>
              {t.needMachine}
            </Notice>
          )}
        </div>
        <p class="muted small">{t.keepOpen}</p>
        <div class="row models-form-end">
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button type="submit" kind="primary" icon="download" changes>
            {t.submit(fit.value.length)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function columns(
  chosen: ReadonlySet<string>,
  holders: ReadonlySet<string>,
  toggle: (agent: FeedAgent) => void,
): Column<FeedAgent>[] {
  const t = modelsText.value.pull;
  return [
    {
      id: "use",
      header: t.column.use,
      width: "20%",
      cell: (agent) => (
        <input
          type="checkbox"
          aria-label={harmless(agent.name, 100)}
          checked={chosen.has(agent.id)}
          disabled={fitnessOf(agent) !== "ok" || !canChange.value}
          onChange={() => toggle(agent)}
        />
      ),
    },
    {
      id: "name",
      header: t.column.name,
      width: "40%",
      sort: ({ name }) => name,
      cell: ({ name }) => <Name value={name} />,
    },
    {
      id: "state",
      header: t.column.state,
      width: "40%",
      sort: (agent) => (fitnessOf(agent) === "ok" ? 0 : 1),
      cell: (agent) => <Fit agent={agent} has={holders.has(agent.id)} />,
    },
  ];
}

function Fit({ agent, has }: { agent: FeedAgent; has: boolean }) {
  const t = modelsText.value.pull;
  const fitness = fitnessOf(agent);
  return (
    <span class="models-fit">
      {has && <Badge tone="ok">{t.has}</Badge>}
      <span class="muted small name" title={fitness === "ok" ? undefined : t.why[fitness]}>
        {fitness === "ok" ? t.can : t.why[fitness]}
      </span>
    </span>
  );
}
