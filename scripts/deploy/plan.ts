/** Something that a person has to put right; its message is the one line that they see. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}

/** Written beside `wrangler.toml`, since its paths are relative to it; git ignores it. */
export const GENERATED_CONFIG = "wrangler.deploy.toml";

/** Every call of wrangler, in order; `extra` is what the user adds to `wrangler deploy`. */
export const CALLS = {
  list: ["d1", "list", "--json"],
  create: (database: string): string[] => ["d1", "create", database],
  migrate: ["d1", "migrations", "apply", "DB", "--remote", "--config", GENERATED_CONFIG],
  deploy: (extra: readonly string[]): string[] => ["deploy", "--config", GENERATED_CONFIG, ...extra],
  secrets: ["secret", "list", "--config", GENERATED_CONFIG],
} as const;

const DATABASE_NAME = /^database_name\s*=\s*"([^"]+)"\s*$/m;
const DATABASE_ID = /^database_id\s*=\s*"([^"]+)"\s*$/m;

/** The database that the configuration names, with its id where somebody has written one down. */
export function databaseIn(config: string): { name: string; id: string | undefined } {
  const name = DATABASE_NAME.exec(config)?.[1];
  if (name === undefined) throw new DeployError("wrangler.toml names no D1 database (database_name)");
  return { name, id: DATABASE_ID.exec(config)?.[1] };
}

/** The configuration with the account's own database id, which the project cannot know. */
export function withDatabaseId(config: string, id: string): string {
  const text = DATABASE_ID.test(config)
    ? config
    : config.replace(DATABASE_NAME, (line) => `${line.trimEnd()}\ndatabase_id = "${id}"`);
  return `# Made by npm run deploy from wrangler.toml, each time: change that one.\n${text}`;
}

/** The id of the database of this name in what `wrangler d1 list --json` printed. */
export function findDatabase(listed: string, name: string): string | undefined {
  const databases = parsed(listed);
  if (!Array.isArray(databases)) throw new DeployError("wrangler d1 list did not print a list of databases");
  for (const database of databases as unknown[]) {
    if (isRecord(database) && database.name === name && typeof database.uuid === "string") {
      return database.uuid;
    }
  }
  return undefined;
}

/** Whether an admin token is set, by what `wrangler secret list` printed; undefined when that says nothing. */
export function hasAdminToken(listed: string): boolean | undefined {
  const secrets = parsed(listed);
  if (!Array.isArray(secrets)) return undefined;
  return (secrets as unknown[]).some((secret) => isRecord(secret) && secret.name === "ADMIN_TOKEN");
}

/** Addresses in the lines of JSON that wrangler writes to WRANGLER_OUTPUT_FILE_PATH; cron schedules stand among them. */
export function addressesIn(output: string): string[] {
  return output
    .split("\n")
    .map(parsed)
    .flatMap((entry) => (isRecord(entry) && Array.isArray(entry.targets) ? (entry.targets as unknown[]) : []))
    .filter((target) => typeof target === "string")
    .flatMap((target) => {
      const domain = /^(\S+) \(custom domain/.exec(target)?.[1];
      if (domain !== undefined) return [`https://${domain}`];
      return target.startsWith("https://") ? [target] : [];
    });
}

/** One line for a call of wrangler that failed, with what to do where that is known. */
export function trouble(what: string, output: string): DeployError {
  const text = withoutColours(output);
  if (/CLOUDFLARE_API_TOKEN environment variable|not logged in|did not login/i.test(text)) {
    return new DeployError(
      "not logged in to Cloudflare; run npx wrangler login (or set CLOUDFLARE_API_TOKEN), then again",
    );
  }
  if (text.includes("More than one account")) {
    const accounts = [...text.matchAll(/`(.*)`: `([0-9a-f]{32})`/g)].map(([, name, id]) => `${id} (${name})`);
    const which = accounts.length === 0 ? "" : `: ${accounts.join(", ")}`;
    return new DeployError(
      `this login has several accounts; set CLOUDFLARE_ACCOUNT_ID to one of them${which}`,
    );
  }
  const said = /\[ERROR\]\s*(.+)/.exec(text)?.[1] ?? text.trim().split("\n")[0] ?? "";
  return new DeployError(`${what} failed${said === "" ? "" : `: ${said.trim()}`}`);
}

/** What is printed at the end: where it is, and after the first deploy what is left to do. */
export function whatIsLeft(addresses: readonly string[], adminToken: boolean | undefined): string {
  const url = addresses.at(-1) ?? "https://YOUR-WORKER.workers.dev";
  const lines = [
    "",
    `  Ollama Coordinator   ${addresses.length === 0 ? "deployed" : addresses.join("  ")}`,
    "",
  ];
  if (adminToken !== true) {
    lines.push(
      `  Left to do: an admin token${adminToken === undefined ? ", if it has none" : ""}. Until then every admin route answers 503.`,
      "",
      "    npx wrangler secret put ADMIN_TOKEN",
      "",
      "  Then a join token for the first machine and a key for the first client:",
      "",
      `    curl ${url}/api/admin/join-tokens -H "Authorization: Bearer $ADMIN_TOKEN" --json '{}'`,
      `    curl ${url}/api/admin/keys -H "Authorization: Bearer $ADMIN_TOKEN" --json '{"name":"me"}'`,
      "",
      "  docs/operating.md says the rest.",
      "",
    );
  }
  return `${lines.join("\n")}\n`;
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
