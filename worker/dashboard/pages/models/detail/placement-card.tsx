import { useSignal } from "@preact/signals";
import type { PlacementView } from "../../../../../shared/api/models.ts";
import { fmt } from "../../../lib/fmt.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card, Facts } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Notice } from "../../../ui/states.tsx";
import { PlacementDialog } from "./placement-dialog.tsx";

/** On how many machines the model is to be, and how far that is so. */
export function PlacementCard({
  name,
  placement,
  onChanged,
}: {
  name: string;
  placement: PlacementView | null;
  onChanged: () => void;
}) {
  const t = modelsText.value.placement;
  const open = useSignal(false);
  return (
    <Card
      title={t.title}
      actions={
        <Button size="sm" icon="edit" onClick={() => (open.value = true)} changes>
          {placement === null ? t.set : t.change}
        </Button>
      }
    >
      {placement === null ? (
        <p class="muted">
          {t.none} {t.noneHint}
        </p>
      ) : (
        <Standing placement={placement} />
      )}
      {open.value && (
        <PlacementDialog
          name={name}
          placement={placement}
          onSaved={onChanged}
          onClose={() => (open.value = false)}
        />
      )}
    </Card>
  );
}

function Standing({ placement }: { placement: PlacementView }) {
  const t = modelsText.value.placement;
  const { have, pulling, missing, problem } = placement.state;
  return (
    <div class="stack">
      <Facts
        items={[
          [t.wished, fmt.count(placement.replicas)],
          [t.have, fmt.count(have)],
          [t.pulling, fmt.count(pulling.length)],
          [
            t.missing,
            missing > 0 ? (
              <Badge key="missing" tone={problem === null ? "warn" : "bad"}>
                {fmt.count(missing)}
              </Badge>
            ) : (
              fmt.count(0)
            ),
          ],
          [t.where, <Where key="where" placement={placement} />],
        ]}
      />
      {problem !== null && <Notice tone="warn">{t.problem(harmless(problem))}</Notice>}
    </div>
  );
}

function Where({ placement: { agents, tags } }: { placement: PlacementView }) {
  const t = modelsText.value.placement;
  if (agents === null && tags === null) return <>{t.anywhere}</>;
  return (
    <span class="row">
      {agents !== null && <span>{t.onAgents(agents.length)}</span>}
      {tags !== null && (
        <span class="row">
          {t.tagged}
          {tags.map((tag) => (
            <Badge key={tag} title={harmless(tag)}>
              {harmless(tag, 30)}
            </Badge>
          ))}
        </span>
      )}
    </span>
  );
}
