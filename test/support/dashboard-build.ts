import { buildDashboard } from "../../scripts/build/dashboard.ts";

let built: Promise<boolean> | undefined;

/** For tests that open the dashboard: builds it once in this process, and not at all where it is fresh. */
export async function dashboardBuilt(): Promise<void> {
  built ??= buildDashboard();
  await built;
}
