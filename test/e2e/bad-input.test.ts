import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { JoinTokenView } from "../../shared/api/keys.ts";
import { makeToken } from "../../shared/lib/token.ts";
import { freePort } from "../support/free-port.ts";
import { admin, listAgents, makeJoinToken, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startStandIn } from "../support/ollama/stand-in.ts";
import { type Program, startProgram } from "../support/program.ts";
import { SELF_SIGNED } from "../support/self-signed.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "bad-input-"));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function start(name: "coordinator" | "agent", args: string[], env: Record<string, string> = {}): Program {
  const program = startProgram(name, args, env);
  cleanUps.push(() => program.end());
  return program;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** It ends with this code and says one line, which names what was wrong and what is allowed or to be done. */
async function expectLine(program: Program, code: number, ...parts: (string | RegExp)[]): Promise<void> {
  const exit = await program.exited();
  const lines = program.errors().trimEnd().split("\n");
  expect([exit, lines.length], program.output()).toEqual([code, 1]);
  for (const part of parts) expect(lines[0]).toMatch(part);
}

describe("the coordinator program", () => {
  const coordinator = (args: string[], env: Record<string, string> = {}): Program =>
    start("coordinator", ["--no-agent", ...args], env);

  test("says that its port is in use, by whose flag it can be changed, and leaves the other program alone", async () => {
    const port = await listening(createTcpServer((socket) => socket.end()));
    const dir = temporaryDir();
    await expectLine(
      coordinator(["--port", `${port}`, "--data-dir", dir]),
      1,
      /^coordinator: /,
      `port ${port}`,
      "in use",
      "--port",
    );
    // The same directory works elsewhere.
    const other = coordinator(["--port", "0", "--data-dir", dir]);
    await until("it starts", () => other.output().includes("Client key"));
    expect(await other.end("SIGTERM")).toBe(0);
  });

  test("names a data directory that it cannot write to", async () => {
    const file = join(temporaryDir(), "file");
    writeFileSync(file, "precious");
    for (const dir of [file, join(file, "below"), "/proc/coordinator"]) {
      await expectLine(
        coordinator(["--port", "0", "--data-dir", dir]),
        1,
        dir,
        "--data-dir",
        "choose another",
      );
    }
    expect(readFileSync(file, "utf8")).toBe("precious");
  });

  test("says of a wrong flag, value, variable or file which it is and what is allowed, before it does anything", async () => {
    const dir = temporaryDir();
    const config = (text: string): string => {
      const file = join(temporaryDir(), "config.json");
      writeFileSync(file, text);
      return file;
    };
    const cases: [string[], Record<string, string>, ...(string | RegExp)[]][] = [
      [["--prot", "1"], {}, "--prot"],
      [["--port", "http"], {}, "--port", '"http"', "0 to 65535"],
      [["--port", "99999"], {}, "--port", "99999", "65535"],
      [["--port"], {}, "--port"],
      [["--public-url", "coordinator.example"], {}, "--public-url", "coordinator.example", /http/],
      [["--public-url", "ftp://x"], {}, "--public-url", "ftp://x"],
      [["serve"], {}, '"serve"', "flags"],
      [[], { COORDINATOR_PORT: "many" }, "COORDINATOR_PORT", "many", "65535"],
      [[], { CLIENT_AUTH: "maybe" }, "CLIENT_AUTH", "maybe", "required or off"],
      [[], { LOG_LEVEL: "loud" }, "LOG_LEVEL", "loud", "trace"],
      [["--config", "/nowhere/config.json"], {}, "--config", "/nowhere/config.json", "ENOENT"],
      [["--config", config("port: 1")], {}, "--config", "not JSON"],
      [["--config", config('{"prot":1}')], {}, "prot"],
      [["--config", config('{"port":"x"}')], {}, "port", "65535"],
    ];
    await Promise.all(
      cases.map(([args, env, ...parts]) =>
        expectLine(coordinator(["--data-dir", dir, ...args], env), 2, /^coordinator: /, ...parts),
      ),
    );
    expect(readdirSync(dir)).toEqual([]);
  });

  test("never shows a secret that was refused", async () => {
    const program = coordinator([], { ADMIN_TOKEN: "too-short" });
    await expectLine(program, 2, "ADMIN_TOKEN", "16 characters");
    expect(program.output()).not.toContain("too-short");
  });

  test("says that an address is not this machine's", async () => {
    const args = ["--port", "0", "--data-dir", temporaryDir()];
    await expectLine(
      coordinator([...args, "--host", "192.0.2.1"]),
      1,
      "--host 192.0.2.1",
      "not an address of this machine",
    );
    await expectLine(
      coordinator([...args, "--host", "nowhere.invalid"]),
      1,
      "--host nowhere.invalid",
      "not an address",
    );
  });

  test("says that its secrets or its database are damaged, and touches neither", async () => {
    for (const [name, content] of [
      ["secrets.json", "{"],
      ["secrets.json", '{"admin_token":"x"}'],
      ["state.db", "this is no database at all, but long enough to look like one".repeat(100)],
      ["history.db", "neither is this".repeat(500)],
    ] as const) {
      const dir = temporaryDir();
      const file = join(dir, name);
      writeFileSync(file, content);
      await expectLine(coordinator(["--port", "0", "--data-dir", dir]), 1, file, /restore/);
      expect(readFileSync(file, "utf8")).toBe(content);
    }
  });

  test("refuses a data directory in which another one works, which goes on", async () => {
    const host = await startNodeHost();
    cleanUps.push(() => host.stop());
    const { key } = await makeKey(host);
    await expectLine(
      coordinator(["--port", "0", "--data-dir", host.dataDir]),
      1,
      "another coordinator is running",
      host.dataDir,
      "--data-dir",
    );
    const response = await fetch(`${host.url}/api/tags`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    // After a kill the directory is free at once.
    await host.restart();
    expect((await fetch(`${host.url}/healthz`)).status).toBe(200);
  });

  test("says that a tunnel needs its tool, and stops", async () => {
    const args = ["--port", "0", "--data-dir", temporaryDir(), "--tunnel"];
    await expectLine(coordinator(args, { PATH: "/nonexistent" }), 1, "--tunnel", "cloudflared", "install");
  });
});

describe("the agent program", () => {
  let host: TestHost;
  let joinToken: string;

  beforeAll(async () => {
    host = await startNodeHost();
    joinToken = await makeJoinToken(host);
  });
  afterAll(() => host.stop());

  /** With an Ollama that is not there, where nothing else is said: most do not get that far. */
  const agent = (args: string[], env: Record<string, string> = {}): Program =>
    start("agent", ["run", "--state-dir", stateDir(), "--ollama-url", "http://127.0.0.1:9", ...args], {
      JOIN_TOKEN: joinToken,
      ...env,
    });
  const stateDir = (): string => temporaryDir();
  const nobody = async (): Promise<string[]> => (await listAgents(host)).map(({ name }) => name);

  test("says of a wrong flag, value or command which it is and what is allowed", async () => {
    const cases: [string[], ...(string | RegExp)[]][] = [
      [["--coordinator-ulr", "x"], "--coordinator-ulr"],
      [["--coordinator-url", "coordinator.example"], "--coordinator-url", "coordinator.example", "http"],
      [["--coordinator-url", "ws://coordinator.example"], "--coordinator-url", "http"],
      [["--coordinator-url", "http://user:pass@x"], "--coordinator-url", "without user"],
      [["--coordinator-url", "http://x", "--max-concurrency", "0"], "--max-concurrency", "1 to 1024"],
      [["--coordinator-url", "http://x", "--ollama-url", "11434"], "--ollama-url", "11434"],
      [["--config", "/nowhere.json"], "--config", "/nowhere.json"],
      [["install"], /install/],
      [[], "no coordinator URL", "--coordinator-url", "COORDINATOR_URL"],
    ];
    await Promise.all(cases.map(([args, ...parts]) => expectLine(agent(args), 2, /^agent: /, ...parts)));
  });

  test("shows a code where it has no join token, and stops in order while it waits", async () => {
    const program = agent(["--coordinator-url", host.url], { JOIN_TOKEN: "" });
    await until("it shows a code", () => /pairing code \w{4}-\d{4}: type it at/.test(program.output()));
    expect(await program.end("SIGTERM")).toBe(0);
    expect(program.errors()).toBe("");
  });

  test("asks for a join token where the coordinator lets nobody in without one", async () => {
    const port = await listening(
      createHttpServer((_, response) =>
        response
          .writeHead(401, { "content-type": "application/json" })
          .end('{"error":"a token is required","code":"unauthorized"}'),
      ),
    );
    const program = agent(["--coordinator-url", `http://127.0.0.1:${port}`], { JOIN_TOKEN: "" });
    await expectLine(program, 3, `http://127.0.0.1:${port}`, "JOIN_TOKEN", "--join-token");
  });

  test("does not show a join token that is malformed", async () => {
    const secret = "a token\nin two lines";
    const program = agent(["--coordinator-url", host.url], { JOIN_TOKEN: secret });
    await expectLine(program, 2, "JOIN_TOKEN");
    expect(program.output()).not.toContain("in two lines");
  });

  test("says that a coordinator is not there, goes on trying, and joins when it is", async () => {
    const port = await freePort();
    const dir = temporaryDir();
    const program = agent(["--coordinator-url", `http://127.0.0.1:${port}`, "--state-dir", dir]);
    await until("it says so", () =>
      /cannot connect to 127\.0\.0\.1 port \d+ \(TCP: ECONNREFUSED\): check that the coordinator runs/.test(
        program.output(),
      ),
    );
    const late = await startNodeHost({ port });
    cleanUps.push(() => late.stop());
    // Its join token is of another coordinator, which is the next thing that is clearly said.
    await program.exited();
    expect(program.errors()).toMatch(/the join token was refused.*not known.*create a new join token/);
    const again = agent(["--coordinator-url", late.url, "--state-dir", dir], {
      JOIN_TOKEN: await makeJoinToken(late),
    });
    await until("it is online", () => again.output().includes("online as"));
  });

  test("says that a name cannot be found", async () => {
    const program = agent(["--coordinator-url", "http://coordinator.invalid"]);
    await until("it says so", () =>
      /cannot find the host coordinator\.invalid \(DNS: \w+\): check the coordinator URL/.test(
        program.output(),
      ),
    );
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      "a web page",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      /is not a coordinator \(HTTP 200, text\/html\): check the coordinator URL/,
    ],
    [
      "a server without this route",
      (_, response) => response.writeHead(404).end("404 page not found"),
      /is not a coordinator \(HTTP 404.*check the coordinator URL/,
    ],
    [
      "a redirect",
      (_, response) =>
        response.writeHead(301, { location: "https://elsewhere.example/api/agents/register" }).end(),
      /redirects to https:\/\/elsewhere\.example.*use the address/,
    ],
    [
      "JSON of something else",
      (_, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"agent_id":7}'),
      /is not a coordinator/,
    ],
  ])("recognises %s as no coordinator, and stops", async (_, listener, message) => {
    const port = await listening(createHttpServer(listener));
    const dir = stateDir();
    const program = agent(["--coordinator-url", `http://127.0.0.1:${port}`, "--state-dir", dir]);
    await expectLine(program, 3, /^agent: /, message);
    expect(readdirSync(dir)).not.toContain("identity.json");
  });

  test("recognises an Ollama that was given as the coordinator", async () => {
    const ollama = await startStandIn();
    cleanUps.push(() => ollama.close());
    await expectLine(agent(["--coordinator-url", ollama.url]), 3, "is not a coordinator");
  });

  test("says of a server that is closed for now that it is, and goes on trying", async () => {
    const port = await listening(createHttpServer((_, response) => response.writeHead(503).end("later")));
    const program = agent(["--coordinator-url", `http://127.0.0.1:${port}`]);
    await until("it says so", () => /cannot register this machine now \(HTTP 503\)/.test(program.output()));
    await until("it tries again", () => (program.output().match(/HTTP 503/g)?.length ?? 0) >= 2);
  });

  test("says what is wrong with a TLS connection, and goes on trying", async () => {
    const plain = await listening(createHttpServer((_, response) => response.end()));
    const signed = await listening(createHttpsServer(SELF_SIGNED, (_, response) => response.end()));
    const toPlain = agent(["--coordinator-url", `https://127.0.0.1:${plain}`]);
    const toSigned = agent(["--coordinator-url", `https://127.0.0.1:${signed}`]);
    await until("it advises http", () =>
      /TLS with 127\.0\.0\.1 port \d+ failed \(\w+\): .*try http:\/\/ instead/.test(toPlain.output()),
    );
    await until("it advises the CA", () =>
      /TLS with 127\.0\.0\.1 port \d+ failed \(\w+\): .*NODE_EXTRA_CA_CERTS/.test(toSigned.output()),
    );
  });

  test("says that a join token expired, was used up, or is none, and stops", async () => {
    const once = await makeJoinToken(host, 1);
    const first = agent(["--coordinator-url", host.url, "--name", "first"], { JOIN_TOKEN: once });
    await until("it is online", () => first.output().includes("online as first"));
    const second = agent(["--coordinator-url", host.url, "--name", "second"], { JOIN_TOKEN: once });
    await expectLine(second, 3, "the join token was refused", "used 1 of 1 times", "create a new join token");
    const unknown = makeToken("join", new Uint8Array(32).fill(3));
    await expectLine(
      agent(["--coordinator-url", host.url], { JOIN_TOKEN: unknown }),
      3,
      "not known",
      "new join token",
    );
    const typo = agent(["--coordinator-url", host.url], { JOIN_TOKEN: "ocj_typo" });
    await expectLine(typo, 3, "the join token was refused", "new join token");
    expect(typo.output()).not.toContain("ocj_typo");
    expect(await nobody()).toEqual(["first"]);
    await first.end();
  });

  test("says when a join token expired", async () => {
    // The shortest life is a minute, which is too long to wait for: it ends while the coordinator is down.
    const own = await startNodeHost();
    cleanUps.push(() => own.stop());
    const token = await makeJoinToken(own);
    await own.terminate();
    const database = new DatabaseSync(join(own.dataDir, "state.db"));
    database.exec("UPDATE join_tokens SET expires_at = 1000");
    database.close();
    await own.restart();
    const program = agent(["--coordinator-url", own.url], { JOIN_TOKEN: token });
    await expectLine(
      program,
      3,
      "the join token was refused",
      "expired at 1970-01-01T00:00:01.000Z",
      "new join token",
    );
    expect(program.output()).not.toContain(token);
  });

  test("finds out that it cannot write down who it is before it uses a join token up", async () => {
    const once = await makeJoinToken(host, 1);
    const file = join(temporaryDir(), "file");
    writeFileSync(file, "precious");
    const before = await nobody();
    for (const dir of [file, join(file, "below"), "/proc/agent"]) {
      const program = agent(["--coordinator-url", host.url, "--state-dir", dir], { JOIN_TOKEN: once });
      await expectLine(program, 3, /^agent: /, dir, /--state-dir|permissions/);
    }
    expect(await nobody()).toEqual(before);
    const { items } = await admin<{ items: JoinTokenView[] }>(host, "GET", "/api/admin/join-tokens");
    expect(items.filter(({ max_uses, uses }) => max_uses === 1 && uses === 0)).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe("precious");
  });

  test("says that its identity is damaged, and leaves it as it is", async () => {
    const dir = temporaryDir();
    const file = join(dir, "identity.json");
    for (const content of ["{", "{}", '{"agent_id":"x"}']) {
      writeFileSync(file, content);
      await expectLine(
        agent(["--coordinator-url", host.url, "--state-dir", dir]),
        3,
        file,
        "damaged",
        "delete it",
      );
      expect(readFileSync(file, "utf8")).toBe(content);
    }
  });

  test("without its Ollama it joins and says what is missing; it works as soon as that is there", async () => {
    const port = await freePort();
    const { key } = await makeKey(host);
    const program = agent([
      "--coordinator-url",
      host.url,
      "--name",
      "early",
      "--ollama-url",
      `http://127.0.0.1:${port}`,
    ]);
    await until("it is online", () => program.output().includes("online as early"));
    await until("it says so", () => /Ollama is absent: .*127\.0\.0\.1.*ECONNREFUSED/.test(program.output()));
    const view = async () => (await listAgents(host)).find(({ name }) => name === "early");
    expect(await view()).toMatchObject({
      status: "online",
      routable: false,
      not_routable_reason: "ollama_absent",
    });
    const ollama = await startStandIn({ port, models: ["m"], tokens: 1 });
    cleanUps.push(() => ollama.close());
    await until("it takes work", async () => (await view())?.routable);
    const response = await fetch(`${host.url}/api/generate`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "m", prompt: "hi", stream: false }),
    });
    expect(response.status).toBe(200);
  });

  test("says that what answers as Ollama is none", async () => {
    const port = await listening(
      createHttpServer((_, response) =>
        response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      ),
    );
    const program = agent([
      "--coordinator-url",
      host.url,
      "--name",
      "odd",
      "--ollama-url",
      `http://127.0.0.1:${port}`,
    ]);
    await until("it says so", () => /Ollama is absent: .*127\.0\.0\.1/.test(program.output()));
    expect(program.output()).toMatch(/not.*Ollama|Ollama.*not|is no Ollama|version/i);
  });
});
