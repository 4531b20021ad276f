import { networkInterfaces } from "node:os";
import { AGENT_THERE } from "./release.ts";
import type { Secrets } from "./secrets-file.ts";

/** The one block that a person reads after `npm start`. */
export function banner(options: {
  url: string;
  secrets: Secrets;
  first: boolean;
  dataDir: string;
  clientAuth: "required" | "off";
  demo: boolean;
  warnings: readonly string[];
}): string {
  const { url, secrets } = options;
  const lines = [
    "",
    `  Ollama Coordinator   ${url}`,
    "",
    `  Dashboard            ${dashboardLink(url, secrets.admin_token)}`,
    `  Admin token          ${secrets.admin_token}`,
    `  Client key           ${options.clientAuth === "off" ? "(none needed: CLIENT_AUTH=off)" : secrets.client_key}`,
    `  Kept in              ${options.dataDir}/secrets.json`,
    "",
    "  Try it:",
    `    curl ${url}/api/tags -H 'Authorization: Bearer ${secrets.client_key}'`,
    `    OLLAMA_HOST=${url}/k/${secrets.client_key} ollama list`,
    "",
    `  Add another machine (${AGENT_THERE.where}, there):`,
    `    JOIN_TOKEN=${secrets.join_token} ${AGENT_THERE.command} --coordinator-url ${url}`,
    ...(options.first ? ["    (this join token lasts a day; POST /api/admin/join-tokens makes others)"] : []),
    ...(options.demo ? ["", "  DEMO: three simulated machines answer; no model is run."] : []),
    ...options.warnings.flatMap((warning) => ["", `  ! ${warning}`]),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** What stands behind the # stays in the browser: no server and no log ever sees it. */
function dashboardLink(url: string, adminToken: string): string {
  return `${url}/dashboard#token=${encodeURIComponent(adminToken)}`;
}

/** The address under which other machines of the network reach this one. */
export function lanAddress(): string | undefined {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const address of addresses ?? []) {
      if (address.family === "IPv4" && !address.internal) return address.address;
    }
  }
  return undefined;
}
