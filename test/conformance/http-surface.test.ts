import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { admin, makeKey, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";

const CHAT = { model: "tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 8 };

interface Ask {
  method?: string;
  body?: unknown;
  /** Bytes instead of `body`. */
  bytes?: Uint8Array;
  headers?: Record<string, string>;
  /** `null`: none. */
  key?: string | null;
}

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("the HTTP surface of an Ollama server on %s", (_, startHost) => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet(
      startHost,
      { name: "new", ollama: { models: ["tiny", "ns/own:v1"], version: "0.33.0" } },
      { name: "old", ollama: { models: ["tiny", "old-only"], version: "0.13.0" } },
    );
  });
  afterAll(() => fleet.stop());

  function ask(
    path: string,
    { method, body, bytes, headers = {}, key = fleet.key }: Ask = {},
  ): Promise<Response> {
    const payload =
      bytes === undefined ? (body === undefined ? undefined : JSON.stringify(body)) : bytes.slice();
    return fetch(fleet.host.url + path, {
      method: method ?? (payload === undefined ? "GET" : "POST"),
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(payload === undefined ? {} : { body: payload }),
    });
  }

  test("says that Ollama is running, to GET and HEAD, without a key", async () => {
    const response = await ask("/", { key: null });
    expect([response.status, await response.text()]).toEqual([200, "Ollama is running"]);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    const head = await ask("/", { method: "HEAD", key: null });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("the ollama program finds a server behind a key in the path", async () => {
    const head = await ask(`/k/${fleet.key}/`, { method: "HEAD", key: null });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const bare = await ask(`/k/${fleet.key}`, { key: null });
    expect([bare.status, await bare.text()]).toEqual([200, "Ollama is running"]);
  });

  test("the version is the lowest of the machines that are online", async () => {
    expect(await (await ask("/api/version")).json()).toEqual({ version: "0.13.0" });
    expect((await ask("/api/version", { method: "HEAD" })).status).toBe(200);
  });

  test("the status says that there is no cloud here", async () => {
    const { cloud } = (await (await ask("/api/status")).json()) as { cloud: unknown };
    expect(cloud).toMatchObject({
      disabled: true,
      source: expect.stringMatching(/^(none|env|config|both)$/),
    });
  });

  test("lists are merged: each name once, and HEAD answers, too", async () => {
    const { models } = (await (await ask("/api/tags")).json()) as { models: { name: string }[] };
    expect(models.map((model) => model.name).sort()).toEqual(["ns/own:v1", "old-only:latest", "tiny:latest"]);
    const head = await ask("/api/tags", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("a model of /v1/models is found by any name that Ollama understands, and is 404 otherwise", async () => {
    for (const name of ["tiny", "tiny:latest", "TINY", encodeURIComponent("ns/own:v1")]) {
      const response = await ask(`/v1/models/${name}`);
      expect([name, response.status]).toEqual([name, 200]);
      expect(await response.json()).toMatchObject({ object: "model", created: expect.any(Number) });
    }
    const nope = await ask("/v1/models/nope");
    expect(nope.status).toBe(404);
    expect(await nope.json()).toMatchObject({ error: { type: "not_found_error" } });
  });

  test("unknown paths and wrong methods are Ollama's texts", async () => {
    for (const [method, path, status, text] of [
      ["GET", "/nope", 404, "404 page not found"],
      ["POST", "/api/nope", 404, "404 page not found"],
      ["GET", "/v1/images/generations", 404, "404 page not found"],
      ["GET", "/debug/pprof/", 404, "404 page not found"],
      ["GET", "/api/chat", 405, "405 method not allowed"],
      ["GET", "/v1/chat/completions", 405, "405 method not allowed"],
      ["POST", "/api/tags", 405, "405 method not allowed"],
      ["PUT", "/api/generate", 405, "405 method not allowed"],
      ["GET", `/api/blobs/sha256:${"0".repeat(64)}`, 405, "405 method not allowed"],
      ["DELETE", "/", 405, "405 method not allowed"],
    ] as const) {
      const response = await ask(path, { method });
      expect([method, path, response.status, await response.text()]).toEqual([method, path, status, text]);
      expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    }
  });

  test("a key is taken as Bearer, as x-api-key and in the path", async () => {
    expect((await ask("/api/tags")).status).toBe(200);
    expect((await ask("/api/tags", { key: null, headers: { "x-api-key": fleet.key } })).status).toBe(200);
    expect((await ask(`/k/${fleet.key}/api/tags`, { key: null })).status).toBe(200);
    const chat = await ask(`/k/${fleet.key}/v1/chat/completions`, { key: null, body: CHAT });
    expect(chat.status).toBe(200);
    await chat.arrayBuffer();
  });

  test("the headers of a forwarded answer explain where it came from", async () => {
    const response = await ask("/api/chat", { body: { ...CHAT, stream: false } });
    await response.arrayBuffer();
    expect(response.headers.get("x-request-id")).toMatch(/\S/);
    expect(["new", "old"]).toContain(response.headers.get("x-coordinator-agent"));
    expect(response.headers.get("x-coordinator-attempts")).toBe("1");
    expect(response.headers.get("x-coordinator-queue-ms")).toMatch(/^\d+$/);
    expect(response.headers.get("x-coordinator-reason")).toBe("round-robin");
  });

  test("every answer of the client API keeps browsers from making a page of it", async () => {
    for (const response of [
      await ask("/"),
      await ask("/api/version"),
      await ask("/api/tags"),
      await ask("/api/chat", { body: CHAT }),
      await ask("/api/chat", { body: { ...CHAT, model: "nope" } }),
      await ask("/api/tags", { key: null }),
      await ask("/nope"),
      await ask("/api/chat"),
    ]) {
      await response.arrayBuffer();
      const { headers, url } = response;
      expect([url, headers.get("x-content-type-options"), headers.get("content-security-policy")]).toEqual([
        url,
        "nosniff",
        "sandbox",
      ]);
    }
  });

  describe("zstd", () => {
    const image = `data:image/png;base64,${Buffer.from(
      Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7_919 + (at >> 3) * 104_729) & 0xff),
    ).toString("base64")}`;
    const big = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: image } }] }] };

    test.each([
      ["/v1/chat/completions", CHAT],
      ["/v1/chat/completions", { ...big, model: "tiny" }],
      ["/v1/chat/completions", { model: "tiny", ...big }],
      ["/v1/responses", { model: "tiny", input: "hi" }],
      ["/v1/messages", CHAT],
    ])("a zstd body of %s passes as it came, its model found", async (path, body) => {
      const bytes = zstdCompressSync(JSON.stringify(body));
      const response = await ask(path, {
        bytes,
        headers: { "content-encoding": "zstd", "content-type": "application/json" },
      });
      await response.arrayBuffer();
      // Routes younger than the old machine's Ollama go to the other one.
      const name = response.headers.get("x-coordinator-agent") ?? "";
      expect([path, response.status]).toEqual([path, 200]);
      const seen = fleet.machine(name).ollama.seen.findLast((request) => request.url === path);
      expect(seen?.bodyBytes).toBe(bytes.length);
      expect(seen?.headers["content-encoding"]).toBe("zstd");
    });

    test("a body that is not zstd is a clear 400", async () => {
      const response = await ask("/v1/chat/completions", {
        body: CHAT,
        headers: { "content-encoding": "zstd" },
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("zstd") } });
    });
  });

  test("a route is only asked of machines whose Ollama is old enough to have it", async () => {
    for (const path of ["/v1/responses", "/v1/messages"]) {
      for (let round = 0; round < 3; round++) {
        const response = await ask(path, { body: { ...CHAT, input: "hi" } });
        await response.arrayBuffer();
        expect([path, response.status, response.headers.get("x-coordinator-agent")]).toEqual([
          path,
          200,
          "new",
        ]);
      }
    }
  });

  describe("errors have the shape of their route", () => {
    const NATIVE = "/api/chat";
    const OPENAI = "/v1/chat/completions";
    const ANTHROPIC = "/v1/messages";

    /** The three bodies that a code has. */
    function shapes(code: string, openaiType: string, anthropicType: string): [string, object][] {
      return [
        [NATIVE, { error: expect.any(String), code }],
        [OPENAI, { error: { message: expect.any(String), type: openaiType, param: null, code } }],
        [
          ANTHROPIC,
          {
            type: "error",
            error: { type: anthropicType, message: expect.any(String) },
            request_id: expect.any(String),
          },
        ],
      ];
    }

    async function expectRefusal(
      status: number,
      code: string,
      expected: [string, object][],
      request: Ask,
    ): Promise<Response[]> {
      const responses: Response[] = [];
      for (const [path, body] of expected) {
        const response = await ask(path, { method: "POST", ...request });
        expect([path, response.status, await response.json()]).toEqual([path, status, body]);
        expect(response.headers.get("x-coordinator-error")).toBe(code);
        expect(response.headers.get("content-type")).toMatch(/^application\/json/);
        expect(response.headers.get("x-request-id")).toMatch(/\S/);
        responses.push(response);
      }
      return responses;
    }

    test("401", async () => {
      const bodies = shapes("unauthorized", "authentication_error", "authentication_error");
      await expectRefusal(401, "unauthorized", bodies, { key: null, body: CHAT });
      await expectRefusal(401, "unauthorized", bodies, { key: "wrong", body: CHAT });
    });

    test("403", async () => {
      const { key } = await makeKey(fleet.host, { models: ["other"] });
      const bodies = shapes("forbidden", "permission_error", "permission_error");
      await expectRefusal(403, "forbidden", bodies, { key, body: CHAT });
    });

    test("400: no JSON, no model, no body", async () => {
      const bodies = shapes("bad_request", "invalid_request_error", "invalid_request_error");
      await expectRefusal(400, "bad_request", bodies, { bytes: Buffer.from("hello") });
      await expectRefusal(400, "bad_request", bodies, { bytes: Buffer.from("[1]") });
      await expectRefusal(400, "bad_request", bodies, { body: { messages: [] } });
      await expectRefusal(400, "bad_request", bodies, {});
    });

    test("404: a model that no machine has", async () => {
      const bodies = shapes("model_not_found", "not_found_error", "not_found_error");
      await expectRefusal(404, "model_not_found", bodies, { body: { ...CHAT, model: "nope" } });
    });

    test("502: Ollama does not answer, on any attempt", async () => {
      const { ollama } = fleet.machine("old");
      const listenAgain = await ollama.refuse();
      const body = { ...CHAT, model: "old-only" };
      // Of the three routes the old machine's Ollama has only the first two.
      for (const path of [NATIVE, OPENAI]) {
        const response = await ask(path, { body });
        const code = response.headers.get("x-coordinator-error") ?? "";
        // After the first request the agent may have told already that its Ollama is gone.
        expect([
          [502, "ollama_unreachable"],
          [503, "model_offline"],
        ]).toContainEqual([response.status, code]);
        const expected = shapes(code, "api_error", "").find(([one]) => one === path);
        expect([path, await response.json()]).toEqual(expected);
      }
      await listenAgain();
    });

    test("503 with Retry-After: a model whose machine is gone, and no machine at all", async () => {
      await admin(fleet.host, "PUT", "/api/admin/settings", { resume_window_s: 0 });
      await fleet.machine("new").agent.end();
      await until("the machine is missed", async () => {
        const response = await ask("/api/chat", { body: { ...CHAT, model: "ns/own:v1", stream: false } });
        await response.arrayBuffer();
        return response.status === 503;
      });
      const gone = { body: { ...CHAT, model: "ns/own:v1" } };
      const offline = shapes("model_offline", "api_error", "overloaded_error");
      for (const response of await expectRefusal(503, "model_offline", offline, gone)) {
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      await fleet.machine("old").agent.end();
      const none = shapes("no_agents", "api_error", "overloaded_error");
      await until("the other machine is missed", async () => {
        const response = await ask("/api/chat", { body: { ...CHAT, stream: false } });
        await response.arrayBuffer();
        return response.headers.get("x-coordinator-error") === "no_agents";
      });
      for (const response of await expectRefusal(503, "no_agents", none, { body: CHAT })) {
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      }
    });
  });

  test("without any machine the lists are empty and the version is the coordinator's own", async () => {
    expect(await (await ask("/api/tags")).json()).toEqual({ models: [] });
    expect(await (await ask("/api/ps")).json()).toEqual({ models: [] });
    expect(await (await ask("/v1/models")).json()).toEqual({ object: "list", data: [] });
    expect(await (await ask("/api/version")).json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });
});
