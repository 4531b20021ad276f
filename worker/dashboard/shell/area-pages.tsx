import type { ComponentType } from "preact";
import { feed } from "../lib/feed.ts";
import { lazy } from "../lib/lazy.tsx";
import OverviewPage from "../pages/overview/index.tsx";
import { common } from "../text/common/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState, Skeleton } from "../ui/states.tsx";
import type { AreaId } from "./area-list.ts";

/** A page whose code comes when it is first shown. */
function page(load: () => Promise<{ default: ComponentType }>): ComponentType {
  return lazy(() => load().then((module) => module.default), {
    waiting: () => <Skeleton lines={6} />,
    failed: () => <PageFailed />,
  });
}

function PageFailed() {
  const t = common.value.error;
  // Loading again while the coordinator is away would leave nothing of the dashboard.
  const isAway = feed.connection.value.state === "lost";
  return (
    <EmptyState
      icon="warning"
      title={t.page}
      actions={
        isAway ? undefined : (
          <Button icon="refresh" onClick={() => location.reload()}>
            {t.reload}
          </Button>
        )
      }
    >
      {isAway ? t.unreachable : t.pageHint}
    </EmptyState>
  );
}

export const PAGES: Readonly<Record<AreaId, ComponentType>> = {
  overview: OverviewPage,
  machines: page(() => import("../pages/machines/index.tsx")),
  models: page(() => import("../pages/models/index.tsx")),
  requests: page(() => import("../pages/requests/index.tsx")),
  keys: page(() => import("../pages/keys/index.tsx")),
  playground: page(() => import("../pages/playground/index.tsx")),
  events: page(() => import("../pages/events/index.tsx")),
  settings: page(() => import("../pages/settings/index.tsx")),
  about: page(() => import("../pages/about/index.tsx")),
};
