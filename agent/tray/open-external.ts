import { below } from "../core/coordinator-url.ts";

/** Where the coordinator's dashboard is; null without a coordinator. */
export function dashboardUrl(coordinatorUrl: string | null): string | null {
  return coordinatorUrl !== null && URL.canParse(coordinatorUrl)
    ? below(coordinatorUrl, "/dashboard").href
    : null;
}

/**
 * Whether the system's browser may be sent to `target`: by https, or to the dashboard of the agent's own coordinator even
 * without. Everything else can start programs (`file:`, `ms-msdt:`, `smb:`), and a coordinator could name it.
 */
export function mayOpen(target: string, coordinatorUrl: string | null): boolean {
  const url = URL.parse(target);
  if (url === null) return false;
  if (url.protocol === "https:") return url.username === "" && url.password === "";
  return url.protocol === "http:" && url.href === dashboardUrl(coordinatorUrl);
}
