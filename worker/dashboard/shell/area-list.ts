import type { IconName } from "../ui/icons.tsx";

export type AreaId =
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
}

const area = (id: AreaId, key: string, segment: string = id): Area => ({ id, segment, icon: id, key });

/** Everything that the navigation leads to, in its order. */
export const AREAS: readonly Area[] = [
  area("overview", "o", ""),
  area("machines", "m"),
  area("models", "d"),
  area("requests", "r"),
  area("keys", "k"),
  area("playground", "p"),
  area("events", "e"),
  area("settings", "s"),
  area("about", "a"),
];
