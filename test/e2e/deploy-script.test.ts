import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { GENERATED_CONFIG } from "../../scripts/deploy/plan.ts";
import { deploy } from "../../scripts/deploy/run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TOML = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
const ID = "0a1b2c3d-1111-2222-3333-444455556666";

/** What the account behind the fake wrangler has, and what goes wrong with it. */
interface Account {
  databases: { uuid: string; name: string }[];
  secrets: { name: string }[];
  /** Calls that fail, by their first words, with what wrangler then prints. */
  fails: Record<string, string>;
  calls: string[];
}

/** Keeps its account in `account.json`; answers as far as the script asks. */
const FAKE = `
import { readFileSync, writeFileSync } from "node:fs";
const file = new URL("account.json", import.meta.url);
const account = JSON.parse(readFileSync(file, "utf8"));
const call = process.argv.slice(2).join(" ");
account.calls.push(call);
const failure = Object.keys(account.fails).find((start) => call.startsWith(start));
if (failure === undefined && call.startsWith("d1 create ")) {
  account.databases.push({ uuid: "${ID}", name: process.argv[4] });
}
writeFileSync(file, JSON.stringify(account));
if (failure !== undefined) {
  process.stderr.write(account.fails[failure]);
  process.exit(1);
}
if (call === "d1 list --json") process.stdout.write(JSON.stringify(account.databases));
if (call.startsWith("secret list")) process.stdout.write(JSON.stringify(account.secrets));
if (call.startsWith("deploy ")) {
  const targets = ["https://ollama-coordinator.someone.workers.dev", "schedule: 17 * * * *"];
  writeFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, JSON.stringify({ type: "deploy", targets }) + "\\n");
}
`;

function project(account: Partial<Account> = {}, toml = TOML) {
  const root = mkdtempSync(join(tmpdir(), "deploy-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const file = join(root, "account.json");
  writeFileSync(join(root, "wrangler.toml"), toml);
  writeFileSync(join(root, "wrangler.mjs"), FAKE);
  writeFileSync(file, JSON.stringify({ databases: [], secrets: [], fails: {}, calls: [], ...account }));
  let said = "";
  return {
    run: (...extra: string[]) =>
      deploy({
        root,
        wrangler: join(root, "wrangler.mjs"),
        extra,
        env: process.env,
        say: (text) => {
          said += text;
        },
      }),
    said: () => said,
    calls: () => (JSON.parse(readFileSync(file, "utf8")) as Account).calls,
    config: () => readFileSync(join(root, GENERATED_CONFIG), "utf8"),
    hasConfig: () => existsSync(join(root, GENERATED_CONFIG)),
  };
}

const FROM_THE_MIGRATIONS_ON = [
  `d1 migrations apply DB --remote --config ${GENERATED_CONFIG}`,
  `deploy --config ${GENERATED_CONFIG}`,
  `secret list --config ${GENERATED_CONFIG}`,
];

test("the first deploy creates the database, migrates it and deploys, in this order", () => {
  const { run, calls, config, said } = project();
  run();
  expect(calls()).toEqual([
    "d1 list --json",
    "d1 create ollama-coordinator",
    "d1 list --json",
    ...FROM_THE_MIGRATIONS_ON,
  ]);
  expect(config()).toContain(`database_name = "ollama-coordinator"\ndatabase_id = "${ID}"\n`);
  expect(said()).toContain("https://ollama-coordinator.someone.workers.dev");
  expect(said()).toContain("npx wrangler secret put ADMIN_TOKEN");
  expect(said()).not.toContain("schedule");
});

test("a later deploy finds the database among others, creates nothing, and asks for no token that is set", () => {
  const databases = [
    { uuid: "another", name: "ollama-coordinator-old" },
    { uuid: ID, name: "ollama-coordinator" },
  ];
  const { run, calls, config, said } = project({ databases, secrets: [{ name: "ADMIN_TOKEN" }] });
  run();
  expect(calls()).toEqual(["d1 list --json", ...FROM_THE_MIGRATIONS_ON]);
  expect(config()).toContain(`database_id = "${ID}"`);
  expect(said()).not.toContain("secret put");
});

test("an id that the user wrote into wrangler.toml is taken as it is", () => {
  const own = TOML.replace(/^database_name.*$/m, '$&\ndatabase_id = "mine"');
  const { run, calls, config } = project({}, own);
  run();
  expect(calls()).toEqual(FROM_THE_MIGRATIONS_ON);
  expect(config().match(/database_id/g)).toHaveLength(1);
});

test("flags go on to wrangler deploy, and only there", () => {
  const { run, calls } = project({ databases: [{ uuid: ID, name: "ollama-coordinator" }] });
  run("--domain", "llm.example.com");
  expect(calls().filter((call) => call.includes("llm.example.com"))).toEqual([
    `deploy --config ${GENERATED_CONFIG} --domain llm.example.com`,
  ]);
});

test("a dry run touches no account", () => {
  const { run, calls } = project();
  expect(() => run("--dry-run")).toThrow("npm run deploy:dry");
  expect(calls()).toEqual([]);
});

test("migrations that fail stop everything before the new code is there", () => {
  const { run, calls } = project({ fails: { "d1 migrations": "no such table" } });
  expect(() => run()).toThrow(/nothing was deployed/);
  expect(calls().some((call) => call.startsWith("deploy"))).toBe(false);
});

test("a login with several accounts is told how to choose one", () => {
  const account = "0123456789abcdef0123456789abcdef";
  const output = `\u001b[31m✘ [ERROR] More than one account available but unable to select one in non-interactive mode.\nAvailable accounts are:\n  \`Home\`: \`${account}\``;
  const { run } = project({ fails: { "d1 list": output } });
  expect(() => run()).toThrow(
    `this login has several accounts; set CLOUDFLARE_ACCOUNT_ID to one of them: ${account} (Home)`,
  );
});

test("any other failure is one line that names the step and what wrangler said", () => {
  const { run, hasConfig } = project({
    fails: { "d1 create": "\u001b[31m✘ [ERROR]\u001b[0m You have reached 10 databases.\n\nmore\nlines" },
  });
  expect(() => run()).toThrow("creating the D1 database failed: You have reached 10 databases.");
  expect(hasConfig()).toBe(false);
});

test("without a login the refusal of the real wrangler becomes one line that says what to do", () => {
  const home = mkdtempSync(join(tmpdir(), "deploy-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const { CLOUDFLARE_API_TOKEN: _token, CLOUDFLARE_API_KEY: _key, ...env } = process.env;
  const result = spawnSync(process.execPath, [join(ROOT, "scripts/deploy.ts")], {
    encoding: "utf8",
    // Places where wrangler would find the login of whoever runs the tests.
    env: {
      ...env,
      HOME: home,
      USERPROFILE: home,
      APPDATA: home,
      XDG_CONFIG_HOME: home,
      WRANGLER_SEND_METRICS: "false",
    },
  });
  expect(result.stderr).toBe(
    "deploy: not logged in to Cloudflare; run npx wrangler login (or set CLOUDFLARE_API_TOKEN), then again\n",
  );
  expect(result.status).toBe(1);
});
