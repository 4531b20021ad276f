import type { ComponentChildren } from "preact";
import type { ApiError } from "../../../lib/api-error.ts";
import { hrefOf } from "../../../lib/router.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../../ui/states.tsx";

/** The last few of something of one machine, and the way to all of them. */
export function LatestCard({
  title,
  id,
  list,
  asked,
  isEmpty,
  children,
}: {
  title: string;
  /** The machine's. */
  id: string;
  /** The page that has them all. */
  list: "/events" | "/requests";
  asked: { error: ApiError | undefined; loading: boolean; reload: () => void };
  isEmpty: boolean;
  /** The table, which says itself that there is nothing. */
  children: ComponentChildren;
}) {
  const { all } = machinesText.value.activity;
  const waits = isEmpty && asked.loading;
  const failed = isEmpty && asked.error !== undefined;
  return (
    <Card
      title={title}
      flush
      actions={
        <Button size="sm" kind="ghost" href={hrefOf(list, { agent_id: id })} label={`${all}: ${title}`}>
          {all}
        </Button>
      }
    >
      {failed && asked.error !== undefined && <ErrorState error={asked.error} retry={asked.reload} />}
      {waits && (
        <div class="machines-inset">
          <Skeleton lines={3} />
        </div>
      )}
      {!waits && !failed && children}
    </Card>
  );
}
