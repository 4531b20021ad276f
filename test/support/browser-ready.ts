import { launchBrowser } from "./browser.ts";
import { dashboardBuilt } from "./dashboard-build.ts";

/** Before the first page opens: two files at once must not both install a browser, or build what both will load. */
export default async function browserReady(): Promise<void> {
  await dashboardBuilt();
  const browser = await launchBrowser();
  await browser.close();
}
