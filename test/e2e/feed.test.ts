import { afterAll, beforeAll, expect, test } from "vitest";
import { FEED, FEED_CLOSE } from "../../shared/api/feed.ts";
import { startAgent } from "../support/agent-process.ts";
import { ask } from "../support/ask.ts";
import { type Dashboard, openDashboard } from "../support/dashboard.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, makeKey, type TestHost } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";

onBothHosts("the live feed", (startHost) => {
  let host: TestHost;
  let ollama: StandInOllama;
  let key: string;
  let page: Dashboard;

  beforeAll(async () => {
    [host, ollama] = await Promise.all([startHost(), startStandIn({ models: ["m"] })]);
    ({ key } = await makeKey(host));
    page = await openDashboard(host);
  });
  afterAll(async () => {
    page.leave();
    await ollama.close();
    await host.stop();
  });

  test("shows a machine that comes, what it does, and that it is gone, without being asked", async () => {
    expect(page.messages[0]).toMatchObject({ type: "snapshot", coordinator: { demo: false } });
    expect(page.state.agents).toEqual([]);
    const agent = await startAgent(host, { name: "tower", ollamaUrl: ollama.url });
    try {
      const came = await page.shows("the machine", ({ agents }) => agents[0]?.routable === true);
      // Between its being let in and the message there is nothing that takes long: by one clock, the coordinator's.
      const online = page.state.events.find(({ kind }) => kind === "agent_online");
      expect(Date.parse(came.at) - Date.parse(online?.at ?? "")).toBeLessThan(1_000);
      expect(page.state.agents).toMatchObject([{ name: "tower", status: "online", models: 1 }]);

      const gate = Promise.withResolvers<void>();
      ollama.misbehave({
        kind: "raw",
        chunks: ['{"response":"a","done":false}\n', { until: gate.promise }, '{"done":true}\n'],
      });
      const body = { model: "m", prompt: "hi" };
      const asked = ask({ url: host.url, key, path: "/api/generate", body });
      await page.shows("it streams", ({ running }) => running[0]?.state === "streaming");
      expect(page.state).toMatchObject({
        running: [{ model: "m", key_name: "test", agent_id: page.state.agents[0]?.id }],
        now: { running: 1 },
        agents: [{ active_requests: 1 }],
      });
      gate.resolve();
      await asked.answer;
      await page.shows(
        "it has finished",
        ({ requests, running }) => requests.length === 1 && running.length === 0,
      );
      await page.shows("it is counted", ({ agents }) => agents[0]?.total_requests === 1);
      expect(page.state.requests).toMatchObject([{ status: 200, agent_name: "tower" }]);

      await agent.end("SIGKILL");
      const gone = await page.shows("it is gone", ({ agents }) => agents[0]?.status === "offline");
      const offline = page.state.events.find(({ kind }) => kind === "agent_offline");
      expect(Date.parse(gone.at) - Date.parse(offline?.at ?? "")).toBeLessThan(1_000);
    } finally {
      await agent.dispose();
    }
    expect(Math.max(...page.messages.map((message) => JSON.stringify(message).length))).toBeLessThan(
      FEED.diff_chars,
    );
  });

  test("a page that says anything else than that it follows is closed", async () => {
    const other = await openDashboard(host);
    other.say("subscribe");
    expect(await other.closed).toBe(FEED_CLOSE.bad_message);
    const large = await openDashboard(host);
    large.say(" ".repeat(FEED.message_bytes + 1));
    expect(await large.closed).toBe(1009);
  });

  test.each([
    ["nobody in particular", {}, 401],
    ["a wrong token", { authorization: "Bearer wrong" }, 401],
    ["a page of another site", { authorization: "Bearer ADMIN", origin: "https://evil.example" }, 403],
    ["a page without a place", { authorization: "Bearer ADMIN", origin: "null" }, 403],
  ])("%s may not look", async (_, headers: Record<string, string>, status) => {
    const filled = { ...headers };
    if (filled.authorization !== undefined)
      filled.authorization = filled.authorization.replace("ADMIN", host.adminToken);
    await expect(openDashboard(host, filled)).rejects.toThrow(String(status));
  });

  test("a viewer may look, until the token is revoked", async () => {
    const { id, token } = await admin<{ id: string; token: string }>(host, "POST", "/api/admin/tokens", {
      name: "screen on the wall",
      role: "viewer",
    });
    const [screen, other] = [await openDashboard({ ...host, adminToken: token }), await openDashboard(host)];
    await admin(host, "DELETE", `/api/admin/tokens/${id}`);
    expect(await screen.closed).toBe(FEED_CLOSE.unauthorized);
    await other.shows("that it was revoked", ({ events }) => events[0]?.kind === "access_token_revoked");
    other.leave();
  });

  test("its own page may look, and a plain request is told what this is", async () => {
    const headers = { authorization: `Bearer ${host.adminToken}`, origin: new URL(host.url).origin };
    const own = await openDashboard(host, headers);
    expect(own.state.agents.length).toBe(1);
    own.leave();
    const { status } = await fetch(`${host.url}/ws/dashboard`, { headers });
    expect(status).toBe(426);
  });
});
