import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withCsrfToken } from "./csrf.ts";

const ORIGIN = "https://coordinator.example";
let answers: Response[];
const fetched = vi.fn(async () => answers.shift() ?? new Response(null, { status: 500 }));

beforeEach(() => {
  answers = [Response.json({ csrf_token: "proof" })];
  fetched.mockClear();
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => vi.unstubAllGlobals());

const request = (method: string, url = `${ORIGIN}/api/admin/keys`, headers: Record<string, string> = {}) => ({
  url,
  method,
  headers,
});

test("what changes something carries the session's token, which is asked for once", async () => {
  const add = withCsrfToken(ORIGIN);
  for (const method of ["POST", "DELETE", "PATCH"]) {
    expect((await add(request(method, "/api/admin/keys"))).headers).toEqual({ "x-csrf-token": "proof" });
  }
  expect(fetched.mock.calls).toEqual([[`${ORIGIN}/api/admin/session`]]);
});

test("what only reads, goes elsewhere or has a token of its own goes as it is", async () => {
  const add = withCsrfToken(ORIGIN);
  expect((await add(request("GET"))).headers).toEqual({});
  expect((await add(request("POST", "https://evil.example/"))).headers).toEqual({});
  expect((await add(request("POST", undefined, { Authorization: "Bearer x" }))).headers).toEqual({
    Authorization: "Bearer x",
  });
  expect(fetched).not.toHaveBeenCalled();
});

test("without a session nothing is added", async () => {
  answers = [Response.json({ error: "no" }, { status: 401 })];
  expect((await withCsrfToken(ORIGIN)(request("POST"))).headers).toEqual({});
});
