import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PairingAsked } from "../../shared/api/pairing.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { HandMadeAgent, registerAgent } from "../support/hand-made-agent.ts";
import { admin, makeJoinToken, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";
import { rawHead, rawHttp } from "../support/raw-http.ts";

const PROMPT = "prompt-that-nobody-keeps-7f3a9c";
const ANSWER = "answer-that-nobody-keeps-51be02";

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("secrets, on %s", (name, startHost) => {
  let host: TestHost;
  let ollama: StandInOllama;
  let agent: AgentProcess;
  let key: string;
  /** Everything that may be nowhere in the open. */
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    host = await startHost({ env: { LOG_LEVEL: "trace" } });
    ollama = await startStandIn({ models: ["m"], tokens: 2 });
    agent = await startAgent(host, { name: "box", ollamaUrl: ollama.url, env: { LOG_LEVEL: "trace" } });
    await routable(host, "box");
    ({ key } = await makeKey(host));
    secrets.set("key", key);
    secrets.set("join token", await makeJoinToken(host));
    secrets.set("agent token", (await registerAgent(host, "other")).token);
    secrets.set("admin token", host.adminToken);
    secrets.set("the real agent's token", identity().agent_token);
    const asked = await askToBeLetIn(host);
    secrets.set("pairing secret", asked.pairing_secret);
    secrets.set("pairing code", asked.pairing_code);
    await use();
    // Something that is worth a line in the log of either host.
    const breach = await HandMadeAgent.dial(host, secrets.get("agent token") ?? "");
    breach.raw("not the protocol");
    await breach.closed;
  });
  afterAll(async () => {
    await agent.dispose();
    await ollama.close();
    await host.stop();
  });

  const identity = (): { agent_token: string } =>
    JSON.parse(readFileSync(join(agent.stateDir, "identity.json"), "utf8")) as { agent_token: string };

  /** Uses the key in the path in every way that ends differently; what was answered, with heads. */
  async function use(): Promise<string[]> {
    const answers: string[] = [];
    const ask = async (method: string, target: string, body = "", headers: Record<string, string> = {}) => {
      const head = rawHead(method, target, {
        host: new URL(host.url).host,
        "content-length": String(body.length),
        ...headers,
      });
      answers.push((await rawHttp(host.url, head + body)).text);
    };
    const chat = JSON.stringify({ model: "m", messages: [{ role: "user", content: PROMPT }], stream: false });
    const generate = JSON.stringify({ model: "m", prompt: PROMPT, system: PROMPT });
    await ask("POST", `/k/${key}/api/chat`, chat);
    ollama.misbehave({
      kind: "raw",
      headers: { "content-type": "application/x-ndjson" },
      chunks: [`{"response":"${ANSWER}","done":true}\n`],
    });
    await ask("POST", `/k/${key}/api/generate`, generate);
    ollama.misbehave({ kind: "status", status: 500, body: JSON.stringify({ error: ANSWER }) });
    await ask("POST", `/k/${key}/api/chat`, chat);
    ollama.misbehave({ kind: "cut", afterBytes: 10 });
    await ask("POST", `/k/${key}/api/generate`, generate);
    await ask("POST", `/k/${key}/api/chat?note=${PROMPT}`, chat.replace('"m"', '"none"'));
    await ask("POST", `/k/${key}/api/chat`, "no JSON");
    await ask("GET", `/k/${key}/api/chat`);
    await ask("GET", `/k/${key}/nothing`);
    await ask("GET", `/k/${key}`);
    await ask("GET", `/k/${key}?x`);
    await ask("GET", `/k/${key}/k/${key}/api/tags`);
    await ask("GET", `/x/k/${key}/api/tags`);
    await ask("GET", `/k/${key}x/api/tags`);
    await ask("GET", `/k/${key}/api/agents`);
    await ask("GET", `/k/${key}/ws/agent`);
    await ask("GET", `/k/${key}/ws/agent`, "", {
      connection: "Upgrade, close",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    });
    await ask("POST", `/k/${key}/api/pull`, '{"model":"m"}');
    await ask("GET", `http://x/k/${key}/api/tags`);
    await ask("GET", `/k/${key}/%zz`);
    for (const secret of secrets.values()) {
      await ask("GET", `/k/${secret}/api/tags`);
      await ask("GET", "/api/tags", "", {
        authorization: `Bearer ${secret}`,
        referer: `${host.url}/k/${secret}`,
      });
      await ask("POST", "/api/agents/register", "{}", {
        authorization: `Bearer ${secret}`,
        "content-type": "application/json",
      });
    }
    return answers;
  }

  test("no answer repeats the key that it was asked with", async () => {
    for (const answer of await use()) {
      for (const [what, secret] of secrets) expect([what, answer.includes(secret)]).toEqual([what, false]);
    }
  });

  test("nothing that is logged, at any level, contains a secret, a prompt or an answer", async () => {
    // Otherwise this would prove nothing.
    await until("the log has come", () => host.output().includes("agent broke the protocol"));
    expect(agent.output()).toContain("online as box");
    const logs = host.output() + agent.output();
    // On its first run the Node host shows what it made; that is not the log.
    for (const [what, secret] of [...secrets, ["prompt", PROMPT], ["answer", ANSWER]]) {
      if (what === "admin token" && name === "node") continue;
      expect([what, logs.includes(secret ?? what ?? "")]).toEqual([what, false]);
    }
    if (name === "node") {
      const shown = host.output().split(host.adminToken).length - 1;
      // By itself and in the link into the dashboard.
      expect(shown).toBe(2);
    }
  });

  test("neither do the history and the lists", async () => {
    const rows = await until("the history is written", async () => {
      const page = await admin<{ items: unknown[] }>(host, "GET", "/api/admin/requests?limit=500");
      return page.items.length >= 8 ? page : false;
    });
    const shown = JSON.stringify([
      rows,
      await admin(host, "GET", "/api/admin/keys"),
      await admin(host, "GET", "/api/admin/join-tokens"),
      await admin(host, "GET", "/api/admin/pairings"),
      await admin(host, "GET", "/api/agents"),
      await admin(host, "GET", "/api/admin/settings"),
    ]);
    for (const [what, secret] of [...secrets, ["prompt", PROMPT], ["answer", ANSWER]]) {
      expect([what, shown.includes(secret ?? what ?? "")]).toEqual([what, false]);
    }
  });

  test("on disk there are hashes of secrets, and nothing of what was said", () => {
    const files = filesBelow(host.dataDir).filter((file) => !file.includes("compile-cache"));
    const kept = Buffer.concat(
      files.filter((file) => !file.endsWith("secrets.json")).map((file) => readFileSync(file)),
    );
    for (const which of ["key", "join token", "agent token", "pairing secret", "pairing code"]) {
      const hash = createHash("sha256")
        .update(secrets.get(which) ?? "")
        .digest("hex");
      expect([which, kept.includes(hash)]).toEqual([which, true]);
    }
    for (const [what, secret] of [...secrets, ["prompt", PROMPT], ["answer", ANSWER]]) {
      expect([what, kept.includes(secret ?? what ?? "")]).toEqual([what, false]);
    }
  });

  test("files with secrets are their user's only", () => {
    if (process.platform === "win32") return;
    const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8);
    expect(mode(join(agent.stateDir, "identity.json"))).toBe("600");
    if (name === "node") expect(mode(join(host.dataDir, "secrets.json"))).toBe("600");
  });
});

async function askToBeLetIn(host: TestHost): Promise<PairingAsked> {
  const response = await fetch(`${host.url}/api/agents/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ machine_name: "new", ip_address: "", ollama_version: "", ollama_port: 11434 }),
  });
  return (await response.json()) as PairingAsked;
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
