import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentView } from "../../shared/api/agents.ts";
import type { RequestView } from "../../shared/api/requests.ts";
import { SqlHistory } from "../../worker/db/history.ts";
import { openHistory } from "../../worker/serve/sqlite/databases.ts";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { freePort } from "../support/free-port.ts";
import { type Program, startProgram } from "../support/program.ts";

// `node test/browser/readme-pictures.ts`: takes the README's pictures anew, of the demo with a day of made-up history.

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const DAY_MS = 86_400_000;

interface Secrets {
  admin_token: string;
  client_key: string;
}

const dataDir = mkdtempSync(join(tmpdir(), "pictures-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
let secrets: Secrets | undefined;

async function start(): Promise<Program> {
  const program = startProgram("coordinator", ["--demo", "--port", String(port), "--data-dir", dataDir]);
  while ((await agents()).filter(({ status }) => status === "online").length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return program;
}

async function agents(): Promise<AgentView[]> {
  try {
    secrets ??= JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8")) as Secrets;
    const headers = { authorization: `Bearer ${secrets.admin_token}` };
    return (await (await fetch(`${url}/api/agents`, { headers })).json()) as AgentView[];
  } catch {
    // Not up yet.
    return [];
  }
}

/** A day as it might have been: quiet at night, busy in the afternoon. */
function made(machines: readonly AgentView[]): RequestView[] {
  const keys = ["chat app", "notebooks", "nightly evals"].map((name) => ({ id: randomUUID(), name }));
  return Array.from({ length: 4_000 }, (_, n) => {
    const at = Date.now() - DAY_MS * Math.random() ** 1.5;
    const machine = machines[n % machines.length];
    const model = machine?.models[n % (machine.models.length || 1)]?.name ?? "llama3.2:3b";
    const key = keys[Math.floor(keys.length * Math.random() ** 2)];
    const tokens = Math.round(40 + 400 * Math.random());
    const eval_ms = (tokens / (machine?.tokens_per_second ?? 40)) * 1_000;
    const queue_ms = Math.random() < 0.2 ? 900 * Math.random() : 0;
    const first = queue_ms + 120 + 500 * Math.random();
    return {
      id: randomUUID(),
      at: new Date(at).toISOString(),
      endpoint: n % 3 === 0 ? "/v1/chat/completions" : "/api/chat",
      model,
      key_id: key?.id ?? null,
      key_name: key?.name ?? null,
      agent_id: machine?.id ?? null,
      agent_name: machine?.name ?? null,
      status: n % 97 === 0 ? 503 : 200,
      error_code: n % 97 === 0 ? "model_offline" : null,
      attempts: 1,
      reason: "loaded",
      queue_ms,
      first_byte_ms: first,
      duration_ms: first + eval_ms,
      prompt_tokens: Math.round(900 * Math.random()),
      completion_tokens: tokens,
      load_ms: 12,
      prompt_ms: 90,
      eval_ms,
      request_bytes: 2_000,
      response_bytes: tokens * 90,
      tries: [],
    };
  });
}

function ask(model: string, prompt: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${secrets?.client_key}` };
  const body = JSON.stringify({ model, messages: [{ role: "user", content: prompt }] });
  return fetch(`${url}/api/chat`, { method: "POST", headers, body }).then((answer) => answer.text());
}

async function picture(page: DashboardPage, name: string): Promise<void> {
  // Charts and lists that are asked for when a page opens.
  await page.page.waitForLoadState("networkidle");
  await page.page.waitForTimeout(1_500);
  await page.page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

let program = await start();
const browser = await launchBrowser();
try {
  const machines = await agents();
  await program.end("SIGINT");
  const history = openHistory(join(dataDir, "history.db"));
  const long = new SqlHistory(history);
  await long.write({ requests: made(machines), events: [], samples: [] });
  while (await long.rollUp());
  history.close();
  program = await start();

  const size = { width: 1_280, height: 800 };
  const host = { url, adminToken: secrets?.admin_token ?? "" };
  const light = await DashboardPage.open(browser, host, size);
  await light.login();
  const work = Array.from({ length: 9 }, (_, n) => ask("llama3.2:3b", `Tell me story number ${n}.`));
  await picture(light, "overview");
  await light.go("/machines");
  await picture(light, "machines");
  await Promise.all(work);
  await light.go("/requests");
  await light.page.locator("tbody tr[data-key]").first().click();
  await picture(light, "request");

  const dark = await DashboardPage.open(browser, host, { ...size, dark: true });
  await dark.login("/keys?tab=usage&range=7d");
  await picture(dark, "usage");
  await dark.go("/playground");
  await dark.page.getByRole("textbox").last().fill("Why is the sky blue? Answer in three points.");
  await dark.page.keyboard.press("Enter");
  await dark.page.waitForTimeout(6_000);
  await picture(dark, "playground");
} finally {
  await browser.close();
  await program.end("SIGINT");
  rmSync(dataDir, { recursive: true, force: true });
}
