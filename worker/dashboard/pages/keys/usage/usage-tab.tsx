import { DIMENSIONS } from "./usage-rows.ts";
import { UsageView } from "./usage-view.tsx";

/** Who and what uses how much, of the whole fleet. */
export function UsageTab() {
  return <UsageView dimensions={DIMENSIONS} />;
}
