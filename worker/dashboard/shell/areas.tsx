import type { ComponentType } from "preact";
import { lazy } from "../lib/lazy.tsx";
import OverviewPage from "../pages/overview/index.tsx";
import { common } from "../text/common/index.ts";
import { Button } from "../ui/button.tsx";
import type { IconName } from "../ui/icons.tsx";
import { EmptyState, Skeleton } from "../ui/states.tsx";

type AreaId =
  | "overview"
  | "machines"
  | "models"
  | "requests"
  | "keys"
  | "playground"
  | "events"
  | "settings"
  | "about";

export interface Area {
  id: AreaId;
  /** First part of its paths; empty: the beginning. */
  segment: string;
  icon: IconName;
  /** Pressed after `g`. */
  key: string;
  page: ComponentType;
}

/** A page whose code comes when it is first shown. */
function page(load: () => Promise<{ default: ComponentType }>): ComponentType {
  return lazy(() => load().then((module) => module.default), {
    waiting: () => <Skeleton lines={6} />,
    failed: PageFailed,
  });
}

function PageFailed() {
  const t = common.value.error;
  return (
    <EmptyState
      icon="warning"
      title={t.page}
      actions={
        <Button icon="refresh" onClick={() => location.reload()}>
          {t.reload}
        </Button>
      }
    >
      {t.pageHint}
    </EmptyState>
  );
}

/** Everything that the navigation leads to, in its order. */
export const AREAS: readonly Area[] = [
  { id: "overview", segment: "", icon: "overview", key: "o", page: OverviewPage },
  {
    id: "machines",
    segment: "machines",
    icon: "machines",
    key: "m",
    page: page(() => import("../pages/machines/index.tsx")),
  },
  {
    id: "models",
    segment: "models",
    icon: "models",
    key: "d",
    page: page(() => import("../pages/models/index.tsx")),
  },
  {
    id: "requests",
    segment: "requests",
    icon: "requests",
    key: "r",
    page: page(() => import("../pages/requests/index.tsx")),
  },
  {
    id: "keys",
    segment: "keys",
    icon: "keys",
    key: "k",
    page: page(() => import("../pages/keys/index.tsx")),
  },
  {
    id: "playground",
    segment: "playground",
    icon: "playground",
    key: "p",
    page: page(() => import("../pages/playground/index.tsx")),
  },
  {
    id: "events",
    segment: "events",
    icon: "events",
    key: "e",
    page: page(() => import("../pages/events/index.tsx")),
  },
  {
    id: "settings",
    segment: "settings",
    icon: "settings",
    key: "s",
    page: page(() => import("../pages/settings/index.tsx")),
  },
  {
    id: "about",
    segment: "about",
    icon: "about",
    key: "a",
    page: page(() => import("../pages/about/index.tsx")),
  },
];
