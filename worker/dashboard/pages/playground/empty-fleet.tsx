import { feed } from "../../lib/feed.ts";
import { hrefOf } from "../../lib/router.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState, Skeleton } from "../../ui/states.tsx";

/** There is no model to talk to: why, and what to do about it. */
export function EmptyFleet() {
  const t = playgroundText.value.empty;
  if (!feed.ready.value) return <Skeleton lines={5} />;
  const agents = feed.agents.value;
  if (agents.length === 0) {
    return (
      <EmptyState
        icon="machines"
        title={t.noMachine}
        actions={
          <Button kind="primary" icon="plus" href={hrefOf("/machines")}>
            {t.addMachine}
          </Button>
        }
      >
        {t.noMachineHint}
      </EmptyState>
    );
  }
  if (agents.every(({ status }) => status === "offline")) {
    return (
      <EmptyState
        icon="machines"
        title={t.offline}
        actions={<Button href={hrefOf("/machines")}>{t.seeMachines}</Button>}
      >
        {t.offlineHint}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="models"
      title={t.noModel}
      actions={
        <Button kind="primary" icon="download" href={hrefOf("/models")}>
          {t.pullModel}
        </Button>
      }
    >
      {t.noModelHint}
    </EmptyState>
  );
}
