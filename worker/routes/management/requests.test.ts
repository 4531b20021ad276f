import { describe, expect, test, vi } from "vitest";
import { bench, REQUEST_ID } from "./testing/bench.ts";
import { AGENT_ID, KEY_ID } from "./testing/fake-cell.ts";

describe("GET /api/admin/requests", () => {
  test("hands the filters and the page to the history", async () => {
    const { ask, history } = await bench();
    const filter = {
      model: "llama3.2:1b",
      agent_id: AGENT_ID,
      key_id: KEY_ID,
      status: "5xx",
      endpoint: "/api/chat",
      from: "2026-01-01T00:00:00Z",
      to: "2026-02-01T00:00:00Z",
    };
    const query = new URLSearchParams({ ...filter, limit: "500", cursor: "second" });
    const response = await ask("GET", `/api/admin/requests?${query}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({ items: [], next_cursor: null });
    expect(history.lists).toEqual([{ filter, limit: 500, cursor: "second" }]);
  });

  test("asks for 50 unless it is told otherwise", async () => {
    const { ask, history } = await bench();
    await ask("GET", "/api/admin/requests");
    expect(history.lists).toEqual([{ filter: {}, limit: 50, cursor: undefined }]);
  });

  test.each([
    ["limit", "501"],
    ["status", "600"],
    ["status", "2XX"],
    ["agent_id", "tower"],
    ["key_id", "1"],
    ["from", "yesterday"],
    ["to", "2026-02-30T00:00:00Z"],
    ["cursor", "made-up"],
  ])("refuses %s=%s by its name", async (field, value) => {
    const { ask, history } = await bench();
    const response = await ask("GET", `/api/admin/requests?${field}=${value}`);
    expect(response.status).toBe(400);
    const answer: { error: string; fields: Record<string, string> } = await response.json();
    expect(Object.keys(answer.fields)).toEqual([field]);
    expect(answer.error).toContain(field);
    expect(history.lists).toEqual([]);
  });
});

describe("GET /api/admin/requests/{id}", () => {
  test("shows one", async () => {
    const response = await (await bench()).ask("GET", `/api/admin/requests/${REQUEST_ID}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: REQUEST_ID, endpoint: "/api/chat" });
  });

  test("does not know another", async () => {
    const response = await (await bench()).ask("GET", `/api/admin/requests/${AGENT_ID}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });
});

test.each([["/api/admin/requests"], [`/api/admin/requests/${REQUEST_ID}`]])(
  "%s says that the history is away, and not why",
  async (path) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const { ask, history } = await bench();
    history.away = true;
    const response = await ask("GET", path);
    expect(response.status).toBe(503);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: "history_unavailable" });
    expect(text).not.toContain("D1_ERROR");
    expect(logged.mock.calls.join()).toContain("D1_ERROR");
    logged.mockRestore();
  },
);
