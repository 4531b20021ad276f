import { describe, expect, test } from "vitest";
import { z } from "zod";
import { invalid } from "./invalid.ts";
import { ADMIN_TOKEN, bench } from "./testing/bench.ts";
import { AGENT_ID, KEY_ID } from "./testing/fake-cell.ts";

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `m${at}`);

describe("a body that does not fit is refused by the name of the field, with what is allowed", () => {
  test.each([
    ["PATCH", `/api/agents/${AGENT_ID}`, { name: "" }, "name", "must have at least 1 character"],
    ["PATCH", `/api/agents/${AGENT_ID}`, { name: "-x" }, "name", "letters, digits"],
    ["PATCH", `/api/agents/${AGENT_ID}`, { max_concurrency: 0 }, "max_concurrency", "must be at least 1"],
    ["PATCH", `/api/agents/${AGENT_ID}`, { tags: ["a", 1] }, "tags.1", "must be a string"],
    ["PATCH", `/api/agents/${AGENT_ID}`, { nmae: "x" }, "nmae", "is not a field"],
    ["POST", "/api/admin/keys", {}, "name", "is required: a string"],
    ["POST", "/api/admin/keys", { name: "x", permissions: ["root"] }, "permissions.0", '"infer" or "manage"'],
    ["POST", "/api/admin/keys", { name: "x", expires_at: "soon" }, "expires_at", "2026-01-31T12:00:00Z"],
    ["POST", "/api/admin/keys", [], "body", "must be an object"],
    ["PATCH", `/api/admin/keys/${KEY_ID}`, { path: "yes" }, "path", "must be a boolean"],
    ["POST", "/api/admin/keys", { name: "x", rpm: 0 }, "rpm", "must be at least 1"],
    ["POST", "/api/admin/keys", { name: "x", tpm: -5 }, "tpm", "must be at least 1"],
    ["POST", "/api/admin/keys", { name: "x", tpd: 1.5 }, "tpd", "must be an integer"],
    ["POST", "/api/admin/keys", { name: "x", max_concurrency: -1 }, "max_concurrency", "must be at least 1"],
    ["POST", "/api/admin/keys", { name: "x", priority: "urgent" }, "priority", '"high" or "normal" or "low"'],
    ["POST", "/api/admin/keys", { name: "x", weight: 0 }, "weight", "must be at least 0.01"],
    ["PATCH", `/api/admin/keys/${KEY_ID}`, { rpm: -1 }, "rpm", "must be at least 1"],
    ["PATCH", `/api/admin/keys/${KEY_ID}`, { max_concurrency: 0 }, "max_concurrency", "must be at least 1"],
    ["PATCH", `/api/admin/keys/${KEY_ID}`, { priority: null }, "priority", '"high" or "normal" or "low"'],
    ["POST", "/api/admin/join-tokens", { max_uses: 0 }, "max_uses", "must be at least 1"],
    ["POST", "/api/admin/join-tokens", { expires_in_s: 1e9 }, "expires_in_s", "at most 31536000"],
    ["POST", "/api/admin/pairings/approve", {}, "code", "is required: a string"],
    ["POST", "/api/admin/pairings/reject", {}, "code", "or id must be given"],
    ["POST", "/api/admin/pairings/reject", { id: KEY_ID, code: "x" }, "code", "not both"],
    ["POST", "/api/admin/pairings/reject", { id: "x" }, "id", "must be a UUID"],
    ["PUT", "/api/admin/settings", { strategy: "best" }, "strategy", '"round-robin" or "least-loaded"'],
    ["PUT", "/api/admin/settings", { queue: { max_length: -1 } }, "queue.max_length", "must be at least 0"],
    ["PUT", "/api/admin/settings", { queue: { size: 1 } }, "queue.size", "is not a field"],
    ["PUT", "/api/admin/settings", { cors_origins: ["x"] }, "cors_origins.0", "origin such as"],
    ["PUT", "/api/admin/settings", { aliases: { a: "" } }, "aliases.a", "must have at least 1 character"],
    ["PUT", "/api/admin/settings", { aliases: { a: " b" } }, "aliases.a", "such as qwen3:32b"],
    ["PUT", "/api/admin/settings", { aliases: { a: "b\ud800" } }, "aliases.a", "such as qwen3:32b"],
    ["PUT", "/api/admin/settings", { aliases: { "a\nb": "c" } }, "aliases.a\nb", "such as qwen3:32b"],
    [
      "PUT",
      "/api/admin/settings",
      { aliases: { ["a".repeat(201)]: "b" } },
      `aliases.${"a".repeat(201)}`,
      "200",
    ],
    ["PUT", "/api/admin/settings", { aliases: { a: "b:cloud" } }, "aliases.a", "model of ollama.com"],
    ["PUT", "/api/admin/settings", { fallbacks: { a: ["b-cloud"] } }, "fallbacks.a.0", "model of ollama.com"],
    ["PUT", "/api/admin/settings", { fallbacks: { a: numbered(11) } }, "fallbacks.a", "at most 10 items"],
    ["PUT", "/api/admin/settings", { fallbacks: { a: "b" } }, "fallbacks.a", "must be an array"],
    [
      "PUT",
      "/api/admin/settings",
      { aliases: Object.fromEntries(numbered(201).map((name) => [name, "b"])) },
      "aliases",
      "must have at most 200 entries",
    ],
    ["PUT", "/api/admin/settings", { locked: [] }, "locked", "is not a field"],
  ])("%s %s %j", async (method, path, body, field, text) => {
    const { ask, world } = await bench();
    const response = await ask(method, path, body);
    expect(response.status).toBe(400);
    expect(response.headers.get("x-coordinator-error")).toBe("bad_request");
    const answer: { error: string; code: string; fields: Record<string, string> } = await response.json();
    expect(answer.code).toBe("bad_request");
    expect(Object.keys(answer.fields)).toEqual([field]);
    expect(answer.fields[field]).toContain(text);
    expect(answer.error).toBe(`${field} ${answer.fields[field]}`);
    expect(world.journal).toEqual([]);
  });
});

describe("a body that is no JSON", () => {
  test.each([["{"], [""], ["{'a':1}"], ["\u0000"], ["nul"]])("%j is refused as such", async (body) => {
    const response = await (await bench()).ask("POST", "/api/admin/keys", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: "the body must be valid JSON",
      code: "bad_request",
      fields: { body: "must be valid JSON" },
    });
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/jsonp"], ["json"]])(
    "sent as %s is refused by its type",
    async (type) => {
      const { ask, world } = await bench();
      const response = await ask("POST", "/api/admin/keys", { name: "x" }, { "content-type": type });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: expect.stringContaining("application/json") });
      expect(world.journal).toEqual([]);
    },
  );

  test("without a type is refused too", async () => {
    const { app, world } = await bench();
    const response = await app.request("/api/admin/keys", {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      body: new TextEncoder().encode('{"name":"x"}'),
    });
    expect(response.status).toBe(400);
    expect(world.journal).toEqual([]);
  });

  test("a charset is no other type", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await (await bench()).ask("POST", "/api/admin/keys", { name: "x" }, headers)).status).toBe(201);
  });
});

test("many faults are all in `fields`, and the message stays short", () => {
  const schema = z.array(z.string());
  const issues = schema.safeParse([1, 2, 3, 4, 5, 6, 7]).error?.issues ?? [];
  const { message, fields } = invalid(issues, "json");
  expect(Object.keys(fields ?? {})).toHaveLength(7);
  expect(message).toMatch(/^0 must be a string; .*; and 2 more$/);
});

test("a field called __proto__ is reported like any other", () => {
  const issues = z.strictObject({}).safeParse(JSON.parse('{"__proto__":1}')).error?.issues ?? [];
  expect(JSON.stringify(invalid(issues, "json").fields)).toContain("__proto__");
});
