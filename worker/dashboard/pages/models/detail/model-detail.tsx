import { useSignal } from "@preact/signals";
import type { ModelView } from "../../../../../shared/api/models.ts";
import { canonicalName } from "../../../../../shared/lib/model-name.ts";
import { useCommands } from "../../../lib/commands.ts";
import { fmt } from "../../../lib/fmt.ts";
import type { Resource } from "../../../lib/resource.ts";
import { hrefOf, setQuery } from "../../../lib/router.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Icon } from "../../../ui/icons.tsx";
import { Name } from "../../../ui/name.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states.tsx";
import { PullsCard } from "../pull/pulls-card.tsx";
import { ConflictCard } from "./conflict-card.tsx";
import { CopiesCard } from "./copies-card.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { PlacementCard } from "./placement-card.tsx";

type Copy = ModelView["agents"][number];

/** One model: who has it, what is wished, what is on its way. */
export function ModelDetail({ name, models }: { name: string; models: Resource<readonly ModelView[]> }) {
  const t = modelsText.value;
  const deleting = useSignal<Copy | undefined>(undefined);
  const canonical = canonicalName(name);
  const model = models.data?.find((one) => canonicalName(one.name) === canonical);
  const shown = model?.name ?? name;
  const pull = (): void => setQuery({ pull: "1" });
  useCommands(
    () => [{ id: "model-pull", label: t.command.pullThis(harmless(shown)), icon: "download", run: pull }],
    [shown, t],
  );
  const copy = deleting.value;
  return (
    <>
      <nav class="small" aria-label={t.detail.back}>
        <a href={hrefOf("/models")} class="models-back">
          <Icon name="chevronLeft" size={14} />
          {t.detail.back}
        </a>
      </nav>
      <PageHeader
        title={harmless(shown)}
        heading={<Name value={shown} />}
        subtitle={model === undefined ? undefined : <Summary model={model} />}
        actions={
          <Button icon="download" onClick={pull} changes>
            {t.pull.toMachines}
          </Button>
        }
      />
      <div class="stack">
        <PullsCard model={shown} />
        {models.data === undefined && models.error !== undefined && (
          <ErrorState error={models.error} retry={models.reload} />
        )}
        {models.data === undefined && models.error === undefined && <Skeleton lines={6} />}
        {models.data !== undefined && model === undefined && (
          <EmptyState
            icon="models"
            title={t.detail.gone}
            actions={
              <Button kind="primary" icon="download" onClick={pull} changes>
                {t.pull.toMachines}
              </Button>
            }
          >
            {t.detail.goneHint}
          </EmptyState>
        )}
        {model?.conflict === true && <ConflictCard model={model} />}
        {model !== undefined && (
          <CopiesCard
            model={model}
            onDelete={(one) => {
              deleting.value = one;
            }}
          />
        )}
        {models.data !== undefined && (
          <PlacementCard name={shown} placement={model?.placement ?? null} onChanged={models.reload} />
        )}
      </div>
      {model !== undefined && copy !== undefined && (
        <DeleteDialog
          model={model}
          copy={copy}
          onDone={models.reload}
          onClose={() => {
            deleting.value = undefined;
          }}
        />
      )}
    </>
  );
}

function Summary({ model }: { model: ModelView }) {
  const t = modelsText.value;
  return (
    <span class="row">
      <span title={t.detail.newest}>{fmt.bytes(model.size)}</span>
      <span class="mono small" title={model.digest === null ? undefined : harmless(model.digest)}>
        {model.digest === null ? "" : harmless(model.digest.slice(0, 12))}
      </span>
      {model.conflict && <Badge tone="warn">{t.conflict}</Badge>}
    </span>
  );
}
