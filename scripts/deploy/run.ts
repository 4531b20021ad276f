import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  addressesIn,
  CALLS,
  DeployError,
  databaseIn,
  findDatabase,
  GENERATED_CONFIG,
  hasAdminToken,
  trouble,
  whatIsLeft,
  withDatabaseId,
} from "./plan.ts";

export interface DeployOptions {
  /** Folder of `wrangler.toml`. */
  root: string;
  /** Wrangler's script, run by this very Node: the one on a user's PATH may be too old for it. */
  wrangler: string;
  /** Flags for `wrangler deploy`. */
  extra: readonly string[];
  env: NodeJS.ProcessEnv;
  say(text: string): void;
}

/** Creates the database on first use, brings it up to date, deploys. @throws DeployError with one line that says what to do */
export function deploy(options: DeployOptions): void {
  const { root, extra, say } = options;
  if (extra.includes("--dry-run")) throw new DeployError("--dry-run: that is npm run deploy:dry");
  const config = readFileSync(join(root, "wrangler.toml"), "utf8");
  const id = databaseId(options, databaseIn(config));
  writeFileSync(join(root, GENERATED_CONFIG), withDatabaseId(config, id));
  if (!show(options, CALLS.migrate, "ignore")) {
    throw new DeployError("the database's migrations were not applied (see above); nothing was deployed");
  }
  const addresses = deployWorker(options);
  const secrets = ask(options, CALLS.secrets);
  say(whatIsLeft(addresses, secrets.ok ? hasAdminToken(secrets.stdout) : undefined));
}

function databaseId(options: DeployOptions, database: { name: string; id: string | undefined }): string {
  if (database.id !== undefined) return database.id;
  const known = listed(options, database.name);
  if (known !== undefined) return known;
  options.say(`creating the D1 database ${database.name}\n`);
  const created = ask(options, CALLS.create(database.name));
  if (!created.ok) throw trouble("creating the D1 database", created.stderr || created.stdout);
  // Asked for again instead of read from what was printed for people.
  const id = listed(options, database.name);
  if (id === undefined)
    throw new DeployError(`D1 database ${database.name} was created and is not listed yet; try again`);
  return id;
}

function listed(options: DeployOptions, name: string): string | undefined {
  const databases = ask(options, CALLS.list);
  if (!databases.ok) throw trouble("listing the D1 databases", databases.stderr || databases.stdout);
  return findDatabase(databases.stdout, name);
}

function deployWorker(options: DeployOptions): string[] {
  const dir = mkdtempSync(join(tmpdir(), "deploy-"));
  const output = join(dir, "output.ndjson");
  try {
    const env = { ...options.env, WRANGLER_OUTPUT_FILE_PATH: output };
    if (!show({ ...options, env }, CALLS.deploy(options.extra), "inherit")) {
      throw new DeployError("wrangler deploy failed (see above)");
    }
    return addressesIn(textOf(output));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Only for a nicer last line: the Worker is deployed all the same.
    return "";
  }
}

/** Runs wrangler for its output; it asks nothing then. */
function ask(
  options: DeployOptions,
  args: readonly string[],
): { ok: boolean; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.wrangler, ...args], {
    cwd: options.root,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  return { ok: status === 0, stdout, stderr };
}

/**
 * Runs wrangler before the user's eyes. With `inherit` it may ask, for example under which name to publish; without it
 * takes its own defaults, which for migrations is to apply them.
 */
function show(options: DeployOptions, args: readonly string[], input: "inherit" | "ignore"): boolean {
  const { status } = spawnSync(process.execPath, [options.wrangler, ...args], {
    cwd: options.root,
    env: options.env,
    stdio: [input, "inherit", "inherit"],
  });
  return status === 0;
}
