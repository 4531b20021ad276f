import { expect, test } from "vitest";
import { ADMIN_TOKEN, bench, signIn, VIEWER_TOKEN } from "../routes/management/testing/bench.ts";
import { dashboardPrincipal, sameOrigin } from "./dashboard-socket.ts";

/** A route that says what the two checks find. */
async function probe() {
  const on = await bench();
  on.app.get("/probe", async (c) => {
    const principal = await dashboardPrincipal(c);
    return c.json({ name: principal?.name ?? null, role: principal?.role ?? null, same: sameOrigin(c) });
  });
  const ask = async (headers: Record<string, string>): Promise<object> =>
    (await on.app.request("https://ai.example/probe", { headers })).json();
  return { on, ask };
}

test("a session, a Bearer token, and nobody are told apart", async () => {
  const { on, ask } = await probe();
  const { cookie } = await signIn(on);
  const origin = "https://ai.example";
  expect(await ask({ cookie, origin })).toEqual({ name: "admin", role: "admin", same: true });
  expect(await ask({ authorization: `Bearer ${VIEWER_TOKEN}` })).toEqual({
    name: "watcher",
    role: "viewer",
    same: true,
  });
  expect(await ask({ authorization: "Bearer wrong", cookie })).toMatchObject({ name: null });
  expect(await ask({ origin })).toMatchObject({ name: null });
});

test.each([
  "https://evil.example",
  "http://ai.example",
  "https://ai.example:8443",
  "https://ai.example.evil.example",
  "https://sub.ai.example",
  "null",
  "",
])("a page of %j is not ours, whatever it sends", async (origin) => {
  const { on, ask } = await probe();
  const { cookie } = await signIn(on);
  expect(await ask({ cookie, origin })).toMatchObject({ same: false });
  expect(await ask({ authorization: `Bearer ${ADMIN_TOKEN}`, origin })).toMatchObject({ same: false });
});

test("without an Origin a cookie is not enough: no browser leaves it out", async () => {
  const { on, ask } = await probe();
  const { cookie } = await signIn(on);
  expect(await ask({ cookie })).toMatchObject({ same: false });
});
