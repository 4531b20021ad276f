import { afterEach, beforeEach, expect, test } from "vitest";
import { connectProxy } from "../../testing/connect-proxy.ts";
import { FakeCoordinator } from "../../testing/fake-coordinator.ts";
import { systemClock } from "../clock.ts";
import { DIRECT, type ProxyRoute, proxyRoute } from "../proxy.ts";
import { register } from "./register.ts";

let coordinator: FakeCoordinator;
beforeEach(async () => {
  coordinator = await FakeCoordinator.start();
});
afterEach(() => coordinator.stop());

function attempt(coordinatorUrl = coordinator.url, proxy: ProxyRoute = DIRECT) {
  const machine = { machine_name: "m", ip_address: "", ollama_version: "", ollama_port: 11434 };
  return register({ coordinatorUrl, joinToken: "join-1", machine }, { proxy, clock: systemClock });
}

function answer(status: number, headers: Record<string, string>, body: string): void {
  coordinator.register = (_request, response) => void response.writeHead(status, headers).end(body);
}

const JSON_TYPE = { "content-type": "application/json" };

async function failure(...given: Parameters<typeof attempt>) {
  const result = await attempt(...given);
  if (result.ok) throw new Error("was registered");
  expect(result.message).not.toContain("\n");
  expect(result.message).not.toContain("join-1");
  return result;
}

test("a machine is registered with the join token as bearer, below the base URL's prefix", async () => {
  const paths: (string | undefined)[] = [];
  const { register: asUsual } = coordinator;
  coordinator.register = (request, response) => {
    paths.push(request.url);
    asUsual.call(coordinator, request, response);
  };
  const result = await attempt(`${coordinator.url}/team/`);
  expect(result).toMatchObject({ ok: true, agent: { status: "registered", agent_token: "agent-token-1" } });
  expect(paths).toEqual(["/team/api/agents/register"]);
  expect(coordinator.journal.entries[0]).toMatchObject({ authorization: "Bearer join-1" });
});

test("a host that does not exist fails at DNS and may be tried again", async () => {
  expect(await failure("http://no-such-host.invalid:8080")).toMatchObject({
    step: "dns",
    retry: true,
    message: expect.stringMatching(/^cannot find the host no-such-host\.invalid \(DNS: E\w+\): check/),
  });
});

test("a port on which nobody listens fails at TCP and may be tried again", async () => {
  const { url } = coordinator;
  await coordinator.stop();
  expect(await failure(url)).toMatchObject({
    step: "tcp",
    retry: true,
    message: expect.stringMatching(/^cannot connect to 127\.0\.0\.1 port \d+ \(TCP: ECONNREFUSED\): check/),
  });
});

test("https to a server that speaks http fails at TLS and says so", async () => {
  expect(await failure(coordinator.url.replace("http:", "https:"))).toMatchObject({
    step: "tls",
    message: expect.stringContaining("try http:// instead of https://"),
  });
});

test("a refused join token is final and comes with the server's words", async () => {
  answer(401, JSON_TYPE, '{"error":"join token has expired","code":"unauthorized"}');
  expect(await failure()).toMatchObject({
    step: "http",
    retry: false,
    message: expect.stringMatching(/HTTP 401: join token has expired\): create a new join token/),
  });
});

test("a refused field is final and is named", async () => {
  answer(400, JSON_TYPE, '{"error":"bad request","code":"bad_request","fields":{"machine_name":"too long"}}');
  expect(await failure()).toMatchObject({
    retry: false,
    message: expect.stringContaining("machine_name: too long"),
  });
});

test.each([429, 500, 502, 503])("HTTP %d may be tried again", async (status) => {
  answer(status, { "content-type": "text/html" }, "<html>");
  expect(await failure()).toMatchObject({ step: "http", retry: true });
});

test.each([
  [200, "text/html", "<html>welcome</html>"],
  [404, "text/html", "not here"],
  [200, "application/json", '{"hello":"world"}'],
  [200, "application/json", '{"agent_id":"x","status":"registered"}'],
])("HTTP %d with %s %s is not a coordinator", async (status, type, body) => {
  answer(status, { "content-type": type }, body);
  expect(await failure()).toMatchObject({
    retry: false,
    message: expect.stringMatching(
      `is not a coordinator \\(HTTP ${status}, ${type}\\): check the coordinator URL`,
    ),
  });
});

test("a redirect is not followed: the token is for the host that was named", async () => {
  answer(308, { location: "https://other.example/api/agents/register" }, "");
  expect(await failure()).toMatchObject({
    retry: false,
    message: expect.stringContaining("redirects to https://other.example/api/agents/register"),
  });
  expect(coordinator.journal.entries).toHaveLength(1);
});

test("registration goes through the proxy that the environment names", async () => {
  const proxy = await connectProxy();
  const route = await proxyRoute({ HTTP_PROXY: proxy.url });
  expect(await attempt(coordinator.url, route)).toMatchObject({ ok: true });
  expect(proxy.asked).toEqual([`POST ${coordinator.url}/api/agents/register`]);
  await proxy.close();
});

test("a proxy that is away or that refuses is named as the step that failed", async () => {
  const proxy = await connectProxy(407);
  const route = await proxyRoute({ ALL_PROXY: proxy.url.replace("//", "//me:secret@") });
  for (const url of [coordinator.url, "https://c.example"]) {
    const refused = await failure(url, route);
    expect(refused).toMatchObject({ step: "proxy", retry: false });
    expect(refused.message).toContain(`the proxy ${proxy.url} answered HTTP 407`);
  }
  await proxy.close();
  const away = await failure(coordinator.url, route);
  expect(away).toMatchObject({ step: "proxy", retry: true });
  expect(away.message).toContain(`cannot use the proxy ${proxy.url} (ECONNREFUSED)`);
  expect(away.message).not.toContain("secret");
});
