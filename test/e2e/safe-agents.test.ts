import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { encode } from "../../shared/frame/codec.ts";
import { anyFrame } from "../../shared/frame/testing/arbitrary.ts";
import type { Frame } from "../../shared/frame/types.ts";
import { LIMITS } from "../../shared/protocol/limits.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { NDJSON } from "../support/dialects.ts";
import { HandMadeAgent, helloOf, type Registered, registerAgent } from "../support/hand-made-agent.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";
import { rawHead, rawHttp } from "../support/raw-http.ts";

const MB = 1_000_000;
/** Bytes of a close frame's reason. */
const REASON_BYTES = 123;

const state = (json: unknown): Frame => ({ type: "state", stream: 0, json });
const header = (type: number, stream: number, length: number): Uint8Array =>
  Uint8Array.of(
    type,
    stream >>> 24,
    stream >>> 16,
    stream >>> 8,
    stream,
    length >>> 16,
    length >>> 8,
    length,
  );
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const model = (name: string, more: object = {}) => ({ name, ...more });

/** Messages that break a rule when an agent sends them after its greeting. */
const BREACHES: [string, Uint8Array | string][] = [
  ["text", "hello"],
  ["text in capitals", "PING"],
  ["a long text", "x".repeat(100_000)],
  ["an empty message", new Uint8Array(0)],
  ["half a header", Uint8Array.of(18, 0, 0)],
  ["an unknown frame type", header(99, 1, 0)],
  ["a frame that is cut", header(18, 1, 10)],
  ["a declared length that is huge", header(3, 0, 0xffffff)],
  ["a HELLO of its second time", encode([{ type: "hello", stream: 0, json: helloOf() }])],
  ["a WELCOME", encode([{ type: "welcome", stream: 0, json: {} }])],
  ["a REQUEST", encode([{ type: "request", stream: 5, json: {} }])],
  ["a DONE", encode([{ type: "done", stream: 5 }])],
  ["a STATE on a stream", header(3, 7, 0)],
  ["DATA on no stream", header(18, 0, 1)],
  ["a STATE that is no JSON", Buffer.concat([header(3, 0, 3), Buffer.from("{a}")])],
  ["a STATE that is no UTF-8", Buffer.concat([header(3, 0, 4), Buffer.from([0x22, 0xff, 0xfe, 0x22])])],
  ["a STATE that is nested too deep", encode([state({ models: nested(40) })])],
  [
    "too many models",
    encode([state({ models: Array.from({ length: LIMITS.models + 1 }, (_, at) => model(`m${at}`)) })]),
  ],
  ["a name that is too long", encode([state({ models: [model("x".repeat(LIMITS.name_chars + 1))] })])],
  // What is wrong is told with the key, which is longer in bytes than a reason may be.
  [
    "a wrong key in another script",
    encode([state({ models: [model("m", { details: { ["あ".repeat(300)]: 1 } })] })]),
  ],
  ["a percentage of 101", encode([state({ cpu_usage: 101 })])],
  ["a message that is larger than two megabytes", new Uint8Array(LIMITS.message_bytes + 1)],
];

onBothHosts("agents that cannot be trusted", (startHost) => {
  let host: TestHost;
  let key: string;
  let good: { ollama: StandInOllama; agent: AgentProcess };
  let evil: Registered | undefined;
  let socket: HandMadeAgent | undefined;
  let mute: HandMadeAgent;

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
    await admin(host, "PUT", "/api/admin/settings", { resume_window_s: 0 });
    const ollama = await startStandIn({ models: ["good"], tokens: 40, tokenDelayMs: 25 });
    good = {
      ollama,
      agent: await startAgent(host, {
        name: "good",
        ollamaUrl: ollama.url,
        flags: ["--max-concurrency", "50"],
        env: { AGENT_MACHINE_ID: "the first machine" },
      }),
    };
    await routable(host, "good");
    // Its time runs beside all the others.
    mute = await HandMadeAgent.dial(host, (await registerAgent(host, "mute")).token);
  });
  afterAll(async () => {
    await good.agent.dispose();
    await good.ollama.close();
    await host.stop();
  });
  afterEach(async () => {
    await socket?.close();
    if (evil !== undefined) await admin(host, "DELETE", `/api/agents/${evil.id}`);
    [socket, evil] = [undefined, undefined];
  });

  async function connect(): Promise<HandMadeAgent> {
    evil ??= await registerAgent(host, "evil");
    socket = await HandMadeAgent.online(host, evil.token);
    return socket;
  }
  const chat = (name: string): Asked =>
    ask({ url: host.url, key, path: "/api/chat", body: NDJSON.body(name) });

  /** A stream of the good agent, which must not notice anything. */
  async function besides<T>(work: () => Promise<T>): Promise<T> {
    const before = (await listAgents(host)).find(({ name }) => name === "good");
    const stream = chat("good");
    await stream.received(1);
    const result = await work();
    expect(NDJSON.verdict(await stream.answer)).toEqual({ kind: "whole" });
    const after = (await listAgents(host)).find(({ name }) => name === "good");
    expect([after?.status, after?.connected_at]).toEqual(["online", before?.connected_at]);
    return result;
  }

  async function expectClosed(agent: HandMadeAgent, what: string): Promise<void> {
    const { code, reason } = await agent.closed;
    expect([what, code]).toEqual([what, 4000]);
    expect(reason, what).not.toBe("");
    expect(Buffer.byteLength(reason), what).toBeLessThanOrEqual(REASON_BYTES);
  }

  test("a copied state directory is refused while its first machine lives, which does not notice", async () => {
    const copy = mkdtempSync(join(tmpdir(), "copied-"));
    cpSync(good.agent.stateDir, copy, { recursive: true });
    const second = await besides(async () => {
      const process = await startAgent(host, {
        name: "second",
        ollamaUrl: good.ollama.url,
        stateDir: copy,
        env: { AGENT_MACHINE_ID: "the second machine" },
      });
      expect(await process.exited()).toBe(3);
      return process;
    });
    expect(second.output()).toMatch(/another machine .*token.*--state-dir.*join token/);
    expect((await listAgents(host)).map(({ name }) => name)).not.toContain("second");
    rmSync(copy, { recursive: true, force: true });
  });

  describe("what an agent answers", () => {
    async function answered(
      head: { status: number; headers: [string, string][] },
      body: string,
      send: () => Asked = () => chat("bait"),
    ): Promise<Answer> {
      const agent = await connect();
      const asked = send();
      const { id } = await agent.request();
      agent.answer(id, head, body);
      return asked.answer;
    }

    test("sets no cookie, is no page, and speaks only of its body", async () => {
      const answer = await answered(
        {
          status: 200,
          headers: [
            ["Content-Type", "text/html; charset=utf-8"],
            ["set-cookie", "session=stolen"],
            ["Set-Cookie2", "session=stolen"],
            ["connection", "close, x-coordinator-agent"],
            ["keep-alive", "timeout=1"],
            ["transfer-encoding", "chunked"],
            ["upgrade", "h2c"],
            ["trailer", "x-evil"],
            ["proxy-authenticate", "Basic"],
            ["www-authenticate", "Basic"],
            ["location", "https://evil.example/"],
            ["refresh", "0;url=https://evil.example/"],
            ["link", "<https://evil.example/>; rel=preload"],
            ["access-control-allow-origin", "https://evil.example"],
            ["access-control-allow-credentials", "true"],
            ["content-security-policy", "default-src *"],
            ["x-content-type-options", "none"],
            ["x-coordinator-agent", "somebody"],
            ["x-coordinator-error", "internal"],
            ["x-coordinator-outcome", "%7B%22kind%22%3A%22gone%22%7D"],
            ["x-request-id", "forged"],
            ["clear-site-data", "*"],
            ["service-worker-allowed", "/"],
            ["strict-transport-security", "max-age=0"],
            ["alt-svc", 'h3=":1"'],
          ],
        },
        "<script>alert(1)</script>",
      );
      expect([answer.status, answer.text]).toEqual([200, "<script>alert(1)</script>"]);
      const {
        date,
        connection,
        "keep-alive": keepAlive,
        "transfer-encoding": encoding,
        ...rest
      } = answer.headers;
      expect(Object.keys(rest).sort()).toEqual([
        "content-security-policy",
        "content-type",
        "x-content-type-options",
        "x-coordinator-agent",
        "x-coordinator-attempts",
        "x-coordinator-queue-ms",
        "x-coordinator-reason",
        "x-request-id",
      ]);
      expect(rest).toMatchObject({
        "content-type": "application/octet-stream",
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
        "x-coordinator-agent": "evil",
      });
      expect(rest["x-request-id"]).not.toBe("forged");
    });

    test.each([
      ["text/plain, text/html"],
      ["text/plain;x=,text/html"],
      ["application/xhtml+xml"],
      ["image/svg+xml"],
      ["application/javascript"],
      [""],
    ])("is no page under the content type %j either", async (type) => {
      const answer = await answered({ status: 200, headers: [["content-type", type]] }, "x");
      expect(answer.headers["content-type"]).toBe("application/octet-stream");
    });

    test("ends where it said, and the next answer on the connection is its own", async () => {
      const agent = await connect();
      const smuggled = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
      for (const [lengths, body] of [
        [["4"], `good${smuggled}`],
        [["4", "50"], `good${smuggled}`],
        [["0"], smuggled],
      ] as const) {
        const body_ = JSON.stringify({ model: "bait", messages: [] });
        const head = rawHead("POST", "/api/chat", {
          host: new URL(host.url).host,
          authorization: `Bearer ${key}`,
          "content-length": String(body_.length),
          connection: "keep-alive",
        });
        const bye = rawHead("GET", "/api/version", {
          host: new URL(host.url).host,
          authorization: `Bearer ${key}`,
        });
        const headers = lengths.map((length): [string, string] => ["content-length", length]);
        // Each time that it is asked: what was cut before the client saw a byte is sent again.
        agent.onRequest = (id) => agent.answer(id, { status: 200, headers }, body);
        const { text } = await rawHttp(host.url, head + body_ + bye);
        expect(text.match(/content-length: \d+/gi)?.length ?? 0).toBeLessThanOrEqual(2);
        expect(text).not.toContain("\r\n\r\nevil");
        expect(text).not.toContain(smuggled);
      }
    });

    test("that is shorter than it said is no whole answer, and nobody waits for the rest", async () => {
      for (const [type, body] of [
        ["application/json", '{"done":true}'],
        ["application/x-ndjson", '{"done":true}\n'],
      ] as const) {
        const answer = await answered(
          {
            status: 200,
            headers: [
              ["content-type", type],
              ["content-length", "1000"],
            ],
          },
          body,
        );
        expect(answer.end).toBe("reset");
        await socket?.close();
      }
    });

    test("has no body where its status has none", async () => {
      for (const status of [204, 205, 304]) {
        const answer = await answered({ status, headers: [] }, "");
        expect([answer.status, answer.text]).toEqual([status, ""]);
        await socket?.close();
      }
      const agent = await connect();
      const asked = chat("bait");
      const { id } = await agent.request();
      agent.answer(id, { status: 204, headers: [] }, "HTTP/1.1 200 OK\r\n\r\n");
      expect((await asked.answer).text).toBe("");
    });

    test("with a head that cannot be costs it its connection and the client an error", async () => {
      const heads: [string, unknown][] = [
        ["a line break", { status: 200, headers: [["x", "a\r\nset-cookie: b"]] }],
        ["a space in a name", { status: 200, headers: [["content type", "a"]] }],
        ["a status of 100", { status: 100, headers: [] }],
        ["a status of 99999", { status: 99_999, headers: [] }],
        ["101 headers", { status: 200, headers: Array.from({ length: 101 }, (_, at) => [`x-${at}`, "1"]) }],
        ["no headers at all", { status: 200 }],
      ];
      await besides(async () => {
        for (const [what, json] of heads) {
          const agent = await connect();
          const asked = chat("bait");
          const { id } = await agent.request();
          agent.send({ type: "response", stream: id, json });
          await expectClosed(agent, what);
          const answer = await asked.answer;
          expect([502, 503], what).toContain(answer.status);
          expect(JSON.parse(answer.text)).toMatchObject({
            error: expect.any(String),
            code: expect.any(String),
          });
        }
      });
    });
  });

  describe("an agent that breaks a rule is closed with a reason, and the others go on", () => {
    test("whatever the message is, after the greeting", async () => {
      await besides(async () => {
        for (const [what, message] of BREACHES) {
          const agent = await connect();
          agent.raw(message);
          await expectClosed(agent, what);
        }
      });
    });

    test("and before it", async () => {
      evil = await registerAgent(host, "evil");
      const first: [string, Uint8Array | string][] = [
        ["a STATE", encode([state({})])],
        ["DATA", encode([{ type: "data", stream: 1, bytes: new Uint8Array(1) }])],
        ["text", "hello"],
        ["an empty HELLO", encode([{ type: "hello", stream: 0, json: {} }])],
        [
          "a HELLO without a version",
          encode([{ type: "hello", stream: 0, json: { ...helloOf(), version: 1 } }]),
        ],
        [
          "a HELLO with too many streams",
          encode([
            {
              type: "hello",
              stream: 0,
              json: {
                ...helloOf(),
                streams: Array(1_025).fill({ id: 1, received: 0, consumed: 0, ended: false, head: false }),
              },
            },
          ]),
        ],
        [
          "a HELLO and then a breach",
          encode([
            { type: "hello", stream: 0, json: helloOf() },
            { type: "done", stream: 1 },
          ]),
        ],
      ];
      for (const [what, message] of first) {
        const agent = await HandMadeAgent.dial(host, evil.token);
        agent.raw(message);
        await expectClosed(agent, what);
      }
    });

    test("in the middle of an answer, which its client then knows to be cut", async () => {
      const breaches: [string, (id: number) => Frame[]][] = [
        [
          "more than its window",
          (id) =>
            Array.from({ length: 17 }, () => ({
              type: "data",
              stream: id,
              bytes: new Uint8Array(LIMITS.data_bytes),
            })),
        ],
        ["a total that is not true", (id) => [{ type: "end", stream: id, total: 5, json: undefined }]],
        ["a second response", (id) => [{ type: "response", stream: id, json: { status: 200, headers: [] } }]],
        [
          "credit for what was never sent",
          (id) => [{ type: "credit", stream: id, consumed: 2 ** 40, window: 65_536 }],
        ],
        [
          "a window that is too large",
          (id) => [{ type: "credit", stream: id, consumed: 0, window: 2 ** 31 }],
        ],
      ];
      await besides(async () => {
        for (const [what, frames] of breaches) {
          const agent = await connect();
          const asked = chat("bait");
          const { id } = await agent.request();
          agent.send({
            type: "response",
            stream: id,
            json: { status: 200, headers: [["content-type", "application/x-ndjson"]] },
          });
          await asked.received(0);
          const bytes = encode(frames(id));
          agent.raw(bytes);
          await expectClosed(agent, what);
          const verdict = NDJSON.verdict(await asked.answer);
          expect([what, verdict]).toEqual([what, { kind: "error", code: "agent_lost" }]);
        }
      });
    });

    test("DATA before the response, too", async () => {
      const agent = await connect();
      const asked = chat("bait");
      const { id } = await agent.request();
      agent.send({ type: "data", stream: id, bytes: Buffer.from("x") });
      await expectClosed(agent, "data");
      expect([502, 503]).toContain((await asked.answer).status);
    });

    test("with a wire version that nobody speaks it gets another code", async () => {
      evil = await registerAgent(host, "evil");
      const agent = await HandMadeAgent.dial(host, evil.token);
      agent.send({ type: "hello", stream: 0, json: helloOf({ version: { min: 7, max: 9 } }) });
      expect(await agent.closed).toMatchObject({ code: 4004, reason: expect.stringContaining("7 to 9") });
    });
  });

  test("whatever frames an agent sends, its socket closes with a reason and nothing else happens", async () => {
    const messages = fc.oneof(
      fc.array(anyFrame, { minLength: 1, maxLength: 8 }).map((frames) => encode(frames)),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      // A true message with one byte changed.
      fc
        .tuple(fc.array(anyFrame, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(255))
        .map(([frames, at, byte]) => {
          const bytes = encode(frames);
          bytes[at % bytes.length] = byte;
          return bytes;
        }),
    );
    await besides(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(messages, { minLength: 1, maxLength: 3 }),
          fc.boolean(),
          async (sent, greeted) => {
            evil ??= await registerAgent(host, "evil");
            const agent = greeted ? await connect() : await HandMadeAgent.dial(host, evil.token);
            for (const message of sent) agent.raw(message);
            // Ends also those that broke no rule.
            agent.raw("the end");
            await expectClosed(agent, "random frames");
          },
        ),
        { numRuns: 60, endOnFailure: true },
      ),
    );
    expect((await fetch(`${host.url}/healthz`)).status).toBe(200);
  });

  test("whatever an agent answers, its client gets an answer or an error, and the others go on", async () => {
    await besides(() =>
      fc.assert(
        fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 6 }), async (frames) => {
          const agent = await connect();
          const asked = chat("bait");
          const { id } = await agent.request();
          agent.send({
            type: "response",
            stream: id,
            json: { status: 200, headers: [["content-type", "application/x-ndjson"]] },
          });
          agent.raw(encode(frames.map((frame) => (frame.stream === 0 ? frame : { ...frame, stream: id }))));
          agent.raw("the end");
          await expectClosed(agent, "random answer");
          const { status, end } = await asked.answer;
          expect(status).toBeGreaterThanOrEqual(200);
          expect(end).toBe("complete");
        }),
        { numRuns: 25, endOnFailure: true },
      ),
    );
  });

  test("streams that an agent claims to resume, and stream ids that are another's, come to nothing", async () => {
    await besides(async () => {
      evil = await registerAgent(host, "evil");
      const streams = Array.from({ length: 1_000 }, (_, at) => ({
        id: at * 4_000_000 + 1,
        received: 2 ** 40,
        consumed: 2 ** 50,
        ended: true,
        head: true,
      }));
      const agent = await HandMadeAgent.online(host, evil.token, { streams });
      const welcome = await agent.frame("welcome");
      expect("json" in welcome && welcome.json).toMatchObject({ streams: [] });
      for (let id = 1; id < 200; id++) agent.send({ type: "reset", stream: id, code: 1 });
      await until(
        "all were answered",
        () => agent.frames.filter(({ type }) => type === "done").length === 199,
      );
    });
  });

  test("an agent that talks without end costs bounded memory", async () => {
    const agent = await connect();
    const models = Array.from({ length: LIMITS.models }, (_, at) =>
      model(`model-${at}`, { details: { filling: "x".repeat(1_800) } }),
    );
    const giant = encode([state({ models })]);
    expect(giant.length).toBeGreaterThan(0.9 * MB);
    const before = host.memory();
    for (let turn = 0; turn < 60; turn++) agent.raw(giant);
    await until("the last one was heard", async () => {
      const view = (await listAgents(host)).find(({ name }) => name === "evil");
      return view?.models.length === LIMITS.models;
    });
    agent.state({ models: [model("bait")] });
    await until("all were heard", async () => {
      return (await listAgents(host)).find(({ name }) => name === "evil")?.models.length === 1;
    });
    expect(host.memory() - before).toBeLessThan(200 * MB);
  });

  test("answers to an agent that does not read them do not pile up", async () => {
    const agent = await connect();
    const resets = encode(
      Array.from({ length: 200_000 }, (_, at) => ({ type: "reset", stream: at + 1, code: 1 }) as const),
    );
    agent.raw(resets);
    await expectClosed(agent, "200,000 answers");
  });

  test("an agent that says nothing is closed after 10 s", async () => {
    // The close frame is what counts: workerd leaves the connection itself open for another 10 s.
    await until("it is told", () => mute.socket.readyState !== WebSocket.OPEN);
    mute.socket.terminate();
    expect(await mute.closed).toMatchObject({ code: 4006, reason: expect.stringContaining("HELLO") });
  });
});
