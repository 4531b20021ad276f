import type { ModelView } from "../../../../../shared/api/models.ts";
import { agentsById } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { fitnessOf } from "../pull/candidates.ts";
import { startPull } from "../pull/pull-jobs.ts";

/** As many machines of one digest as are named. */
const NAMED = 12;

/** Which machine has which of the models that share a name. */
export function ConflictCard({ model }: { model: ModelView }) {
  const t = modelsText.value;
  return (
    <Card title={t.conflictCard.title}>
      <div class="stack stack-sm">
        <p>{t.conflictCard.text}</p>
        <ul class="models-digests">
          {model.digests.map(({ digest, agents }) => {
            const newest = digest === model.digest;
            const stale = agents.flatMap(({ id }) => {
              const agent = agentsById.value.get(id);
              return !newest && agent !== undefined && fitnessOf(agent) === "ok" ? [agent] : [];
            });
            return (
              <li key={digest}>
                <span class="mono small" title={harmless(digest)}>
                  {harmless(digest.slice(0, 12))}
                </span>
                {newest && <Badge tone="ok">{t.conflictCard.newest}</Badge>}
                {agents.slice(0, NAMED).map(({ id, name }) => (
                  <a key={id} href={hrefOf(`/machines/${id}`)}>
                    <Name value={name} />
                  </a>
                ))}
                {agents.length > NAMED && <span>{t.more(fmt.count(agents.length - NAMED))}</span>}
                {stale.length > 0 && (
                  <Button
                    size="sm"
                    icon="download"
                    label={`${t.conflictCard.pull}: ${harmless(digest.slice(0, 12))}`}
                    onClick={() => {
                      for (const agent of stale) startPull(model.name, agent);
                    }}
                    changes
                  >
                    {t.conflictCard.pull}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </Card>
  );
}
