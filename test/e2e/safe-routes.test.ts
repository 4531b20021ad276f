import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OLLAMA_ROUTES } from "../../shared/api/ollama-routes.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";
import { type RawAnswer, rawHead, rawHttp } from "../support/raw-http.ts";
import { reached } from "../support/reached.ts";

const messages = [{ role: "user", content: "hi" }];
const CHAT = JSON.stringify({ model: "m", messages, stream: false });

/** Targets that mean something else to somebody on the way, and what they would reach there. */
const CROOKED = [
  "/api/../debug/pprof",
  "/api/chat/../../debug/pprof/",
  "/api/%2e%2e/debug/pprof",
  "/api/.%2e/%2E./debug/pprof",
  "/api/chat/..%2f..%2fdebug%2fpprof",
  "/api%2fchat",
  "/api/chat%2f",
  "/api/chat/",
  "/api/chat/x",
  "//api/chat",
  "/api//chat",
  "//evil.example/api/chat",
  "/\\evil.example/api/chat",
  "/api\\chat",
  "/api/chat;x=1",
  "/api/chat%00",
  "/api/chat%0a",
  "/api/chat%20",
  "/API/chat",
  "/api/generate%23",
  "/debug/pprof",
  "/debug/pprof/heap",
  "/metrics/",
  "/__stand_in/stats",
  "/api/blobs/..%2f..%2fapi%2fdelete",
  "/api/blobs/%2e%2e/delete",
  "/api/blobs/sha256:0/../../delete",
  "/api/blobs/sha256:0%2f..%2f..%2fdelete",
  "/api/blobs/a%5c..%5cb",
  "/api/blobs//api/delete",
  "/v1/models/..%2f..%2fapi%2ftags",
  "/v1/../api/pull",
  "*",
  "api/chat",
];

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("which requests get through, on %s", (_name, startHost) => {
  let fleet: Fleet;
  let host: TestHost;
  let ollama: StandInOllama;
  let inferKey: string;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["m", "m:cloud", "m-cloud"], tokens: 1 },
      flags: ["--max-concurrency", "8", "--allow-manage"],
    });
    host = fleet.host;
    ollama = fleet.machine("box").ollama;
    inferKey = (await makeKey(host, { permissions: ["infer"] })).key;
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  const raw = (method: string, target: string, body = CHAT, headers = {}): Promise<RawAnswer> =>
    rawHttp(
      host.url,
      rawHead(method, target, {
        host: new URL(host.url).host,
        authorization: `Bearer ${fleet.key}`,
        "content-length": String(body.length),
        ...headers,
      }) + body,
    );
  const send = (path: string, init: RequestInit & { key?: string } = {}): Promise<Response> =>
    fetch(host.url + path, {
      ...init,
      headers: { authorization: `Bearer ${init.key ?? fleet.key}`, ...init.headers },
    });

  /** Whether a request at Ollama is one that its client was allowed to make: the plain form of a forwarded route. */
  const plain = ({ method, url }: { method: string; url: string }): boolean =>
    (method === "POST" && url === "/api/chat") || /^\/api\/blobs\/[^/%\\]+$/.test(url);

  test("a crooked path reaches Ollama as the plain route that it is, or not at all", async () => {
    for (const target of CROOKED) {
      for (const method of ["POST", "DELETE", "GET"]) {
        // Only a key that may manage gets as far as the agent with a blob.
        const key = method === "POST" && target.startsWith("/api/blobs/") ? fleet.key : inferKey;
        const { status, text } = await raw(method, target, CHAT, { authorization: `Bearer ${key}` });
        const here = `${method} ${target}: ${text.slice(0, 200)}`;
        // What is no path at all never gets as far as the Worker: workerd itself answers 500.
        const odd = !target.startsWith("/") && host.name === "workerd" ? [500] : [];
        expect([200, 201, 400, 403, 404, 405, ...odd], here).toContain(status);
        if (status === 200) expect(text, here).toMatch(/"done":true|"models"|Ollama is running|"object"/);
      }
    }
    expect(reached(ollama).filter((seen) => !plain(seen))).toEqual([]);
  });

  test("the same behind a key in the path", async () => {
    for (const target of CROOKED.filter((path) => path.startsWith("/"))) {
      const { status, text } = await raw("POST", `/k/${inferKey}${target}`, CHAT, { authorization: "" });
      expect([200, 400, 401, 403, 404, 405], `${target}: ${text.slice(0, 200)}`).toContain(status);
    }
    expect((await raw("POST", `/k/${inferKey}//evil.example/api/chat`)).status).toBe(404);
    expect(reached(ollama).filter((seen) => !(seen.method === "POST" && seen.url === "/api/chat"))).toEqual(
      [],
    );
  });

  test("an absolute target is its path, whatever host it names, and no way around the key", async () => {
    const { port } = new URL(host.url);
    const own = await raw("POST", `http://127.0.0.1:${port}/api/chat`);
    expect([200, 400, 404]).toContain(own.status);
    for (const target of ["http://evil.example/debug/pprof", "http://user:pass@evil.example/debug"]) {
      expect([400, 404], target).toContain((await raw("POST", target)).status);
    }
    const keyless = await raw("POST", "http://evil.example/api/chat", CHAT, { authorization: "" });
    expect([400, 401, 404]).toContain(keyless.status);
    expect(reached(ollama).filter(({ url }) => url !== "/api/chat")).toEqual([]);
    expect(reached(ollama)).toHaveLength(own.status === 200 ? 1 : 0);
  });

  test("no request can carry a second one: conflicting lengths, spaces and line breaks are refused", async () => {
    const smuggled = `DELETE /api/delete HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"model":"m"}`;
    const host_ = `host: ${new URL(host.url).host}\r\nauthorization: Bearer ${fleet.key}\r\nconnection: close`;
    const heads = [
      `POST /api/chat HTTP/1.1\r\n${host_}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `POST /api/chat HTTP/1.1\r\n${host_}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{"a":1}${smuggled}`,
      `POST /api/chat HTTP/1.1\r\n${host_}\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `POST /api/chat HTTP/1.1 x\r\n${host_}\r\n\r\n`,
      `POST /api/chat?a b HTTP/1.1\r\n${host_}\r\ncontent-length: ${CHAT.length}\r\n\r\n${CHAT}`,
    ];
    for (const head of heads) {
      const { status, text } = await rawHttp(host.url, head);
      expect([0, 400, 501], text.slice(0, 200)).toContain(status);
    }
    expect(reached(ollama).filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  test("routes that would use the owner's account, and models of ollama.com, are 403 and stay here", async () => {
    const account = OLLAMA_ROUTES.filter((route) => route.class === "account");
    for (const { method, path } of account) {
      for (const target of [path.replace("*", "x"), path.replace("*", "x/y%0az")]) {
        const response = await send(target, { method, ...(method === "POST" ? { body: CHAT } : {}) });
        expect([method, target, response.status]).toEqual([method, target, 403]);
        expect(response.headers.get("x-coordinator-error")).toBe("forbidden");
      }
    }
    for (const model of ["m:cloud", "m-cloud", "M:CLOUD", "m:7b-cloud", " m:cloud "]) {
      for (const path of ["/api/chat", "/api/show", "/api/pull", "/v1/chat/completions", "/v1/messages"]) {
        const body = JSON.stringify({ model, messages, max_tokens: 1 });
        const response = await send(path, { method: "POST", body });
        expect([path, model, response.status]).toEqual([path, model, 403]);
      }
    }
    for (const [path, body] of [
      ["/api/copy", { source: "m:cloud", destination: "mine" }],
      ["/api/copy", { source: "m", destination: "mine:cloud" }],
      ["/api/create", { model: "mine", from: "m:cloud" }],
    ] as const) {
      expect((await send(path, { method: "POST", body: JSON.stringify(body) })).status).toBe(403);
    }
    expect(reached(ollama)).toEqual([]);
  });

  test("other methods of known routes are 405, unknown routes 404, in Ollama's words and without a key", async () => {
    for (const [method, path, status, text] of [
      ["GET", "/api/chat", 405, "405 method not allowed"],
      ["PUT", "/api/chat", 405, "405 method not allowed"],
      ["DELETE", "/api/tags", 405, "405 method not allowed"],
      ["GET", "/api/blobs/sha256:0", 405, "405 method not allowed"],
      ["GET", "/api/nothing", 404, "404 page not found"],
      ["POST", "/v1/images/generations", 404, "404 page not found"],
    ] as const) {
      for (const headers of [{}, { authorization: `Bearer ${fleet.key}` }]) {
        const response = await fetch(host.url + path, { method, headers });
        expect([method, path, response.status, await response.text()]).toEqual([method, path, status, text]);
      }
    }
    expect(reached(ollama)).toEqual([]);
  });

  test("every answer of the client API forbids sniffing and scripts", async () => {
    const answers: [string, Response][] = [
      ["root", await send("/")],
      ["root HEAD", await send("/", { method: "HEAD" })],
      ["tags", await send("/api/tags")],
      ["ps", await send("/api/ps")],
      ["version", await send("/api/version")],
      ["status", await send("/api/status")],
      ["models", await send("/v1/models")],
      ["model", await send("/v1/models/m")],
      ["no model", await send("/v1/models/none")],
      ["chat", await send("/api/chat", { method: "POST", body: CHAT })],
      [
        "stream",
        await send("/v1/chat/completions", {
          method: "POST",
          body: JSON.stringify({ model: "m", messages, stream: true }),
        }),
      ],
      [
        "with an origin",
        await send("/api/chat", { method: "POST", body: CHAT, headers: { origin: "https://a.example" } }),
      ],
      ["show", await send("/api/show", { method: "POST", body: CHAT })],
      ["blob", await send("/api/blobs/sha256:0", { method: "HEAD" })],
      [
        "to all",
        await send("/api/pull", { method: "POST", body: '{"model":"m"}', headers: { "x-agent": "*" } }),
      ],
      [
        "copies to all",
        await send("/api/copy", {
          method: "POST",
          body: '{"source":"none","destination":"b"}',
          headers: { "x-agent": "*" },
        }),
      ],
      ["Ollama's error", await send("/api/embed", { method: "POST", body: '{"model":"m","input":7}' })],
      ["unknown model", await send("/api/chat", { method: "POST", body: '{"model":"none"}' })],
      ["bad body", await send("/api/chat", { method: "POST", body: "x" })],
      ["forbidden", await send("/api/push", { method: "POST", body: CHAT })],
      ["unauthorized", await send("/api/tags", { key: "x" })],
      ["404", await send("/nothing")],
      ["405", await send("/api/chat")],
      [
        "preflight",
        await send("/api/chat", {
          method: "OPTIONS",
          headers: { origin: "https://a.example", "access-control-request-method": "POST" },
        }),
      ],
    ];
    for (const [name, response] of answers) {
      await response.arrayBuffer();
      expect([name, response.headers.get("x-content-type-options")]).toEqual([name, "nosniff"]);
      expect([name, response.headers.get("content-security-policy")]).toEqual([name, "sandbox"]);
    }
  });

  describe("CORS", () => {
    const origin = "https://app.example";

    test("a preflight is answered by the coordinator, without a key and without credentials", async () => {
      for (const path of ["/api/chat", "/v1/messages", "/api/blobs/sha256:0", `/k/${inferKey}/api/chat`]) {
        const response = await fetch(host.url + path, {
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": "POST",
            "access-control-request-headers":
              "authorization,content-type,x-coordinator-queue-events,x-stainless-os",
          },
        });
        expect([path, response.status]).toEqual([path, 204]);
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
        expect(response.headers.get("access-control-allow-methods")).toContain("POST");
        expect(response.headers.get("access-control-allow-headers")).toMatch(
          /authorization.*x-coordinator-queue-events.*x-stainless-os/i,
        );
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      }
      expect(reached(ollama)).toEqual([]);
    });

    test("answers and errors can be read by a page, explain headers too, and Ollama never hears of its origin", async () => {
      for (const [path, init] of [
        ["/api/tags", {}],
        ["/api/chat", { method: "POST", body: CHAT }],
        ["/api/chat", { method: "POST", body: "x" }],
        ["/api/tags", { key: "wrong" }],
        [
          "/v1/chat/completions",
          { method: "POST", body: JSON.stringify({ model: "m", messages, stream: true }) },
        ],
      ] as const) {
        const response = await send(path, { ...init, headers: { origin, cookie: "a=b" } });
        await response.arrayBuffer();
        expect([path, response.headers.get("access-control-allow-origin")]).toEqual([path, "*"]);
        const exposed = response.headers.get("access-control-expose-headers")?.split(",");
        for (const name of ["agent", "model", "queue-ms", "reason"]) {
          expect(exposed).toContain(`x-coordinator-${name}`);
        }
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      }
      for (const { headers } of reached(ollama)) {
        expect(headers).not.toHaveProperty("origin");
        expect(headers).not.toHaveProperty("cookie");
        expect(headers).not.toHaveProperty("authorization");
      }
    });

    test("pages get no way into the management API", async () => {
      for (const path of ["/api/agents", "/api/admin/keys"]) {
        const response = await fetch(host.url + path, {
          headers: { origin, authorization: `Bearer ${host.adminToken}` },
        });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
        const preflight = await fetch(host.url + path, {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "GET" },
        });
        expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
      }
    });
  });

  test("an X-Agent that nobody is called is a clear error, a known one is obeyed", async () => {
    const to = (name: string) =>
      send("/api/chat", { method: "POST", body: CHAT, headers: { "x-agent": name } });
    const unknown = await to("nobody");
    expect([unknown.status, unknown.headers.get("x-coordinator-error")]).toEqual([400, "bad_request"]);
    expect(await unknown.text()).toContain("nobody");
    const known = await to("BOX");
    expect([known.status, known.headers.get("x-coordinator-agent")]).toEqual([200, "box"]);
  });

  test("a client that offers to upgrade its connection is served as any other", async () => {
    const answer = await raw("POST", "/api/chat", CHAT, {
      connection: "Upgrade, HTTP2-Settings, close",
      upgrade: "h2c",
      "http2-settings": "AAMAAABkAAQCAAAAAAIAAAAA",
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"done":true');
  });
});
