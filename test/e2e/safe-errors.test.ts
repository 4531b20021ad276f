import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RESET_CODES, type ResetCode } from "../../shared/protocol/codes.ts";
import { type Answer, ask } from "../support/ask.ts";
import { HandMadeAgent, registerAgent } from "../support/hand-made-agent.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";

const messages = [{ role: "user", content: "hi" }];

interface Expected {
  status: number;
  code: string;
  message?: string | RegExp;
  /** Whether it says when to come again. */
  again?: boolean;
}

/** The three ways in which an error is said, each with a route that speaks so. */
const DIALECTS = [
  {
    dialect: "native",
    path: "/api/chat",
    list: "/api/tags",
    message: (json: Record<string, unknown>, { code }: Expected) => {
      expect(Object.keys(json).sort()).toEqual(["code", "error"]);
      expect(json.code).toBe(code);
      return json.error;
    },
  },
  {
    dialect: "openai",
    path: "/v1/chat/completions",
    list: "/v1/models",
    message: (json: Record<string, unknown>, { code, status }: Expected) => {
      const types: Record<number, string> = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
      };
      expect(json).toEqual({
        error: { message: expect.any(String), type: types[status] ?? "api_error", param: null, code },
      });
      return (json.error as { message: unknown }).message;
    },
  },
  {
    dialect: "anthropic",
    path: "/v1/messages",
    list: undefined,
    message: (json: Record<string, unknown>, { status }: Expected, answer: Answer) => {
      const types: Record<number, string> = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
        503: "overloaded_error",
      };
      expect(json).toEqual({
        type: "error",
        error: { type: types[status] ?? "api_error", message: expect.any(String) },
        request_id: answer.headers["x-request-id"],
      });
      return (json.error as { message: unknown }).message;
    },
  },
] as const;

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("errors of the coordinator, on %s", (_name, startHost) => {
  let host: TestHost;
  let key: string;
  const agents: HandMadeAgent[] = [];

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
    await admin(host, "PUT", "/api/admin/settings", { resume_window_s: 0 });
  });
  afterAll(() => host.stop());
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
    await admin(host, "PUT", "/api/admin/settings", { queue: { max_length: 100, timeout_s: 600 } });
  });

  /** An agent with one slot and these models. */
  async function agentWith(name: string, ...models: string[]): Promise<HandMadeAgent> {
    const { token } = await registerAgent(host, name);
    const agent = await HandMadeAgent.online(host, token, {
      machine_name: name,
      max_concurrency: 1,
      state: {
        ollama: "ok",
        ollama_version: "0.33.0",
        models: models.map((model) => ({ name: `${model}:latest` })),
      },
    });
    agents.push(agent);
    return agent;
  }

  const chat = (path: string, body: object | Uint8Array, as = key, headers = {}): Promise<Answer> =>
    ask({ url: host.url, key: as, path, body, headers: { "content-type": "application/json", ...headers } })
      .answer;
  const bodyFor = (model: string): object => ({ model, messages, max_tokens: 5, stream: false });

  async function expectError(
    expected: Expected,
    send: (path: string, at: number) => Promise<Answer>,
  ): Promise<void> {
    for (const [at, { dialect, path, message }] of DIALECTS.entries()) {
      const answer = await send(path, at);
      expect([dialect, answer.status, answer.headers["x-coordinator-error"]]).toEqual([
        dialect,
        expected.status,
        expected.code,
      ]);
      expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
      const again = answer.headers["retry-after"];
      if (expected.again === true) expect(Number(again)).toBeGreaterThan(0);
      else expect(again).toBeUndefined();
      const json = JSON.parse(answer.text) as Record<string, unknown>;
      const text = String(message(json, expected, answer));
      expect(text).not.toBe("");
      if (expected.message !== undefined) expect(text).toMatch(expected.message);
    }
  }

  test("an unknown key is 401, before anything else is looked at", async () => {
    await expectError({ status: 401, code: "unauthorized" }, (path) =>
      chat(path, Buffer.from("x"), "nobody"),
    );
    await expectError({ status: 401, code: "unauthorized" }, (path) =>
      chat(path, bodyFor("x:cloud"), "nobody"),
    );
  });

  test("what a key may not do is 403, before its body is judged", async () => {
    const { key: restricted } = await makeKey(host, { permissions: ["infer"], models: ["mine"] });
    const forbidden = { status: 403, code: "forbidden" };
    await expectError(forbidden, (path) => chat(path, bodyFor("other"), restricted));
    await expectError(forbidden, (path) => chat(path, Buffer.from("x"), restricted, { "x-agent": "a" }));
    await expectError(forbidden, (path) => chat(path, bodyFor("x:cloud")));
  });

  test("a body that is no JSON, no object, without a model or not there is 400, even without a machine", async () => {
    const bad = (message: RegExp): Expected => ({ status: 400, code: "bad_request", message });
    for (const body of ["x", "[]", '"model"', "7", '[{"model":"m"}]']) {
      await expectError(bad(/not a JSON object/), (path) => chat(path, Buffer.from(body)));
    }
    for (const body of [
      "{}",
      '{"messages":[]}',
      '{"model":""}',
      '{"model":7}',
      '{"model":null}',
      '{"x":{"model":"m"}}',
    ]) {
      await expectError(bad(/model is required/), (path) => chat(path, Buffer.from(body)));
    }
    await expectError(bad(/missing request body/), (path) => chat(path, Buffer.alloc(0)));
    await expectError(bad(/two different models/), (path) =>
      chat(path, Buffer.from('{"model":"a","model":"b"}')),
    );
    await expectError(bad(/X-Agent.*nobody/), (path) =>
      chat(path, bodyFor("m"), key, { "x-agent": "nobody" }),
    );
  });

  test("without any machine it is 503 no_agents, with a time to come again", async () => {
    await expectError({ status: 503, code: "no_agents", again: true }, (path) => chat(path, bodyFor("m")));
    const pull = await chat("/api/pull", { model: "m" });
    expect([pull.status, pull.headers["x-coordinator-error"], pull.headers["retry-after"]]).toEqual([
      503,
      "no_agents",
      "5",
    ]);
  });

  test("a model that no machine has is 404 in Ollama's own words", async () => {
    await agentWith("a", "there");
    const expected = { status: 404, code: "model_not_found", message: /^model 'Not-There:7b' not found$/ };
    await expectError(expected, (path) => chat(path, bodyFor("Not-There:7b")));
  });

  test("a model whose machines are away is 503 model_offline, with a time to come again", async () => {
    await agentWith("a", "there");
    const away = await agentWith("b", "away");
    await away.close();
    await until("it is offline", async () =>
      (await listAgents(host)).some(({ name, status }) => name === "b" && status === "offline"),
    );
    await expectError({ status: 503, code: "model_offline", again: true }, (path) =>
      chat(path, bodyFor("away")),
    );
  });

  test("a full queue is 429 and too long in it 504, both with a time to come again", async () => {
    const agent = await agentWith("a", "m");
    await admin(host, "PUT", "/api/admin/settings", { queue: { max_length: 0 } });
    const first = chat("/api/chat", bodyFor("m"));
    const { id } = await agent.request();
    await expectError({ status: 429, code: "queue_full", again: true }, (path) => chat(path, bodyFor("m")));
    await admin(host, "PUT", "/api/admin/settings", { queue: { max_length: 10, timeout_s: 1 } });
    const waiting = DIALECTS.map(({ path }) => chat(path, bodyFor("m")));
    await expectError({ status: 504, code: "queue_timeout", again: true }, async (_, at) => {
      const answer = await waiting[at];
      if (answer === undefined) throw new Error("three dialects");
      return answer;
    });
    agent.answer(id, { status: 200, headers: [["content-type", "application/json"]] }, '{"done":true}');
    expect((await first).status).toBe(200);
  });

  test("a body that is too large to look for its model in is 503 overloaded, with what to do", async () => {
    await agentWith("a", "m");
    const body = Buffer.from(JSON.stringify({ filling: "x".repeat(9_000_000), model: "m" }));
    await expectError({ status: 503, code: "overloaded", again: true, message: /first field/ }, (path) =>
      chat(path, body),
    );
  });

  test.each([
    ["ollama_unreachable", { status: 502, code: "ollama_unreachable", message: /cannot be reached/ }],
    ["ollama_cut", { status: 502, code: "ollama_cut" }],
    ["ollama_timeout", { status: 504, code: "ollama_timeout" }],
    ["stopping", { status: 502, code: "agent_lost" }],
    ["limit", { status: 502, code: "agent_lost" }],
    ["unknown_stream", { status: 502, code: "agent_lost" }],
    ["route_refused", { status: 403, code: "forbidden" }],
    ["owner_refused", { status: 403, code: "forbidden" }],
    ["body_refused", { status: 400, code: "bad_request", message: /two models/ }],
  ] as const)(
    "a machine that gives up with %s before a byte becomes an error with its own status",
    async (code, expected) => {
      const agent = await agentWith("a", "m");
      agent.onRequest = (stream) => reset(agent, stream, code);
      await expectError(expected, (path) => chat(path, bodyFor("m")));
    },
  );

  test("a machine that gives up after the first byte ends a stream with an error, and a single answer with a reset", async () => {
    const agent = await agentWith("a", "m");
    const begin = (type: string, text: string): void => {
      agent.onRequest = (stream) => {
        const headers = [["content-type", type]];
        agent.send(
          { type: "response", stream, json: { status: 200, headers } },
          { type: "data", stream, bytes: Buffer.from(text) },
        );
        reset(agent, stream, "ollama_cut");
      };
    };
    begin("application/x-ndjson", '{"message":{"content":"a"},"do');
    const ndjson = (await chat("/api/chat", bodyFor("m"))).text.split("\n");
    expect([ndjson.length, JSON.parse(ndjson[1] ?? "")]).toEqual([
      3,
      { error: expect.any(String), code: "ollama_cut" },
    ]);

    begin("text/event-stream", 'data: {"choices":[]}\n\ndata: {"cho');
    const openai = (await chat("/v1/chat/completions", bodyFor("m"))).text;
    expect(openai).toMatch(
      /^data: \{"choices":\[\]\}\n\ndata: \{"cho\n\ndata: \{"error":\{.*"code":"ollama_cut"\}\}\n\n$/,
    );

    begin("text/event-stream", "event: ping\ndata: {}\n\n");
    const anthropic = (await chat("/v1/messages", bodyFor("m"))).text;
    expect(anthropic).toMatch(/^event: ping\ndata: \{\}\n\nevent: error\ndata: \{"type":"error",.*\}\n\n$/);

    begin("application/json", '{"message":');
    expect((await chat("/api/chat", bodyFor("m"))).end).toBe("reset");
  });

  test("what Ollama itself answers is passed on as it is, in no dialect of ours", async () => {
    const agent = await agentWith("a", "m");
    agent.onRequest = (stream) => {
      agent.answer(stream, { status: 418, headers: [["content-type", "text/plain"]] }, "short and stout");
    };
    for (const { path } of DIALECTS) {
      const answer = await chat(path, bodyFor("m"));
      expect([answer.status, answer.text, answer.headers["content-type"]]).toEqual([
        418,
        "short and stout",
        "text/plain",
      ]);
      expect(answer.headers["x-coordinator-error"]).toBeUndefined();
    }
  });
});

function reset(agent: HandMadeAgent, stream: number, code: ResetCode): void {
  agent.send({ type: "reset", stream, code: RESET_CODES[code] });
}
