import type { AccessConfig } from "../host.ts";

/** The environment's four variables. An empty text counts as not set. */
export interface AccessEnv {
  ACCESS_TEAM_DOMAIN?: string | undefined;
  ACCESS_AUD?: string | undefined;
  ACCESS_ADMINS?: string | undefined;
  ACCESS_VIEWERS?: string | undefined;
}

const ENTRY = /^(\*|@[^@\s]+|[^@\s]+@[^@\s]+)$/;

/** How Cloudflare Access is to be used; undefined: not at all; a fault: one line that says what is wrong with it. */
export function readAccess(env: AccessEnv): AccessConfig | { fault: string } | undefined {
  const domain = env.ACCESS_TEAM_DOMAIN ?? "";
  const audience = env.ACCESS_AUD ?? "";
  const lists = { ACCESS_ADMINS: env.ACCESS_ADMINS ?? "", ACCESS_VIEWERS: env.ACCESS_VIEWERS ?? "" };
  const asked = [domain, audience, lists.ACCESS_ADMINS, lists.ACCESS_VIEWERS].some((text) => text !== "");
  if (!asked) return undefined;
  if (domain === "") return missing("ACCESS_TEAM_DOMAIN", "https://TEAM.cloudflareaccess.com");
  if (audience === "") return missing("ACCESS_AUD", "the audience tag of the Access application");
  const url = URL.parse(domain);
  if (url === null || !isKeyServer(url) || domain.replace(/\/$/, "") !== url.origin) {
    return bad("ACCESS_TEAM_DOMAIN", domain, "https://TEAM.cloudflareaccess.com");
  }
  if (!/^[\w-]{1,200}$/.test(audience)) return bad("ACCESS_AUD", audience, "letters and digits");
  const entries: Record<string, string[]> = {};
  for (const [name, text] of Object.entries(lists)) {
    const list = text
      .split(",")
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => entry !== "");
    const wrong = list.find((entry) => !ENTRY.test(entry));
    if (wrong !== undefined) return bad(name, wrong, "emails or @domain, separated by commas, or *");
    entries[name] = list;
  }
  return {
    teamDomain: url.origin,
    audience,
    admins: entries.ACCESS_ADMINS ?? [],
    viewers: entries.ACCESS_VIEWERS ?? [],
  };
}

/** Keys that come unencrypted could be anybody's, except from this machine itself. */
function isKeyServer(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && url.hostname === "127.0.0.1");
}

function missing(name: string, allowed: string): { fault: string } {
  return {
    fault: `${name} is missing: Cloudflare Access needs ACCESS_TEAM_DOMAIN and ACCESS_AUD; set it to ${allowed}`,
  };
}

function bad(name: string, value: string, allowed: string): { fault: string } {
  return { fault: `${name}: ${JSON.stringify(value.slice(0, 200))} is not allowed; allowed: ${allowed}` };
}
