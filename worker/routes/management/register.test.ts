import { describe, expect, test } from "vitest";
import { ADMIN_TOKEN, bench, tokenOf } from "./testing/bench.ts";
import { AGENT_ID, PAIRING_CODE } from "./testing/fake-cell.ts";

const MACHINE = {
  machine_name: "tower",
  ip_address: "10.0.0.7",
  ollama_version: "0.20.0",
  ollama_port: 11434,
};
const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe("POST /api/agents/register", () => {
  test("a join token makes an agent, and its token is shown", async () => {
    const { ask, world, host } = await bench();
    const response = await ask("POST", "/api/agents/register", MACHINE, as(world.joinToken));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      agent_id: AGENT_ID,
      status: "registered",
      agent_token: world.agentToken,
    });
    expect(world.journal).toEqual([["register", await host.sha256(world.joinToken), MACHINE]]);
  });

  test("an agent's token updates that agent", async () => {
    const { ask, world } = await bench();
    const response = await ask("POST", "/api/agents/register", MACHINE, as(world.agentToken));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ agent_id: AGENT_ID, status: "updated" });
    expect(world.journal.at(-1)).toEqual(["updateRegistration", AGENT_ID, MACHINE]);
  });

  test("without any Authorization it asks to be let in, from the address that the platform knows", async () => {
    const { app, world } = await bench();
    const response = await app.request("/api/agents/register", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.1",
        forwarded: "for=203.0.113.1",
        "x-real-ip": "203.0.113.1",
      },
      body: JSON.stringify(MACHINE),
    });
    expect(response.status).toBe(202);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      status: "pending",
      pairing_code: PAIRING_CODE,
      pairing_secret: world.pairingSecret,
      expires_at: expect.any(String),
      poll_after_ms: 3_000,
    });
    expect(world.journal).toEqual([["askPairing", MACHINE, "192.0.2.9"]]);
  });

  test.each([
    ["a field", { ...MACHINE, ollama_port: -1 }, 400],
    ["its length", { ...MACHINE, os: "x".repeat(300_000) }, 413],
    ["not being JSON", "{", 400],
  ])("without any Authorization a body that is refused for %s reaches nobody", async (_, body, status) => {
    const { app, world } = await bench();
    const response = await app.request("/api/agents/register", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    expect(world.journal).toEqual([]);
  });

  test("while no admin token is set nobody could let it in, and it is told so", async () => {
    const { app, world } = await bench({ adminTokenHash: undefined });
    const response = await app.request("/api/agents/register", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(MACHINE),
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "not_configured" });
    expect(world.journal).toEqual([]);
  });

  test.each([
    ["an empty Authorization", ""],
    ["an empty token", "Bearer "],
    ["garbage", "Bearer garbage"],
    ["another scheme", `Basic ${tokenOf("join", 2)}`],
    ["a mistyped join token", `Bearer ${tokenOf("join", 2).replace(/.$/, "~")}`],
    ["a client key", `Bearer ${tokenOf("key", 4)}`],
    ["a pairing secret", `Bearer ${tokenOf("pairing", 5)}`],
    ["the admin token", `Bearer ${ADMIN_TOKEN}`],
  ])("%s is refused without asking the cell, and says what to send", async (_, authorization) => {
    const { app, world } = await bench();
    const response = await app.request("/api/agents/register", {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify(MACHINE),
    });
    expect(response.status).toBe(401);
    const body: { error: string; code: string } = await response.json();
    expect(body.code).toBe("unauthorized");
    expect(body.error).toMatch(/join token/);
    expect(body.error).toMatch(/Authorization: Bearer/);
    expect(world.journal).toEqual([]);
  });

  test.each([
    ["join", "register"],
    ["agent", "findAgentByToken"],
  ] as const)("an unknown %s token is only ever looked for as one", async (kind, method) => {
    const { ask, world } = await bench();
    const response = await ask("POST", "/api/agents/register", MACHINE, as(tokenOf(kind, 8)));
    expect(response.status).toBe(401);
    expect(world.journal.map(([name]) => name)).toEqual([method]);
  });

  test.each([
    ["machine_name", { machine_name: undefined }, "is required: a string"],
    ["machine_name", { machine_name: "  " }, "at least 1 character"],
    ["ip_address", { ip_address: "not an address" }, "IPv4"],
    ["ollama_version", { ollama_version: 3 }, "a string"],
    ["ollama_port", { ollama_port: 65_536 }, "at most 65535"],
    ["ollama_port", { ollama_port: 1.5 }, "an integer"],
    ["gpus.0.name", { gpus: [{}] }, "is required"],
  ])("a body with a bad %s is refused by that name", async (field, part, text) => {
    const { ask, world } = await bench();
    const body = { ...MACHINE, ...part };
    const response = await ask("POST", "/api/agents/register", body, as(world.joinToken));
    expect(response.status).toBe(400);
    const answer: { error: string; code: string; fields: Record<string, string> } = await response.json();
    expect(answer.code).toBe("bad_request");
    expect(answer.fields[field]).toContain(text);
    expect(answer.error).toContain(field);
    expect(world.journal).toEqual([]);
  });

  test("a body of more than the limit is refused, whether its length is said or not", async () => {
    const { ask, app, world } = await bench();
    const huge = JSON.stringify({ ...MACHINE, note: "x".repeat(300_000) });
    const said = await ask("POST", "/api/agents/register", huge, {
      ...as(world.joinToken),
      "content-length": String(huge.length),
    });
    expect(said.status).toBe(413);
    const unsaid = await app.request("/api/agents/register", {
      method: "POST",
      headers: { ...as(world.joinToken), "content-type": "application/json", "transfer-encoding": "chunked" },
      body: huge,
    });
    expect(unsaid.status).toBe(413);
    expect(await unsaid.json()).toMatchObject({ code: "too_large" });
  });
});

describe("POST /api/health", () => {
  const beat = { agent_id: AGENT_ID, cpu_usage: 5, memory_usage: 50, active_requests: 0 };

  test("is noted for the token's agent", async () => {
    const { ask, world } = await bench();
    const response = await ask("POST", "/api/health", beat, as(world.agentToken));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
    expect(world.journal.at(-1)).toEqual(["health", AGENT_ID, beat]);
  });

  test("is refused for another agent", async () => {
    const { ask, world } = await bench();
    const other = { ...beat, agent_id: crypto.randomUUID() };
    const response = await ask("POST", "/api/health", other, as(world.agentToken));
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "forbidden" });
  });

  test.each([
    ["nothing", undefined],
    ["a join token", tokenOf("join", 2)],
    ["the admin token", ADMIN_TOKEN],
    ["a client key", tokenOf("key", 4)],
    ["an unknown agent token", tokenOf("agent", 8)],
  ])("is refused with %s", async (_, token) => {
    const { ask, world } = await bench();
    const response = await ask("POST", "/api/health", beat, {
      authorization: token === undefined ? "" : `Bearer ${token}`,
    });
    expect(response.status).toBe(401);
    expect(world.journal.map(([name]) => name)).not.toContain("health");
  });

  test("a bad value is refused by its name", async () => {
    const { ask, world } = await bench();
    const response = await ask("POST", "/api/health", { ...beat, cpu_usage: 101 }, as(world.agentToken));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ fields: { cpu_usage: "must be at most 100" } });
  });
});
