import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SettingsPatch } from "../../shared/api/settings.ts";
import type { Call, Caller } from "./api.ts";
import { Bench, bytesOf, HeldBody, storedAgent, storedKey } from "./testing/bench.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

const json = (model: string): string => `{ "model" : "${model}", "messages":[{"model":"${model}"}]}`;

/** A request whose body names this model, as the edge hands it over. */
const naming = (model: string, over: Partial<Call> = {}): Partial<Call> => ({
  model,
  modelAt: [[12, 14 + model.length]],
  contentLength: json(model).length,
  ...over,
});

const key = (id: string): Caller => ({ kind: "key", key_id: id, by_path: false });

async function fleetWith(
  settings: SettingsPatch,
  machines: Parameters<typeof Bench.fleet>[0] = {
    a: { models: ["qwen3:32b"] },
    b: { models: ["qwen3:14b"] },
  },
  options: Parameters<typeof Bench.fleet>[1] = {},
) {
  const fleet = await Bench.fleet(machines, options);
  expect(await fleet.bench.brain.putSettings(settings)).toMatchObject({ ok: true });
  const send = (model: string, over: Partial<Call> = {}) =>
    fleet.bench.ask(naming(model, over), bytesOf(json(model)));
  return { ...fleet, send };
}

const SETTINGS: SettingsPatch = {
  aliases: { "gpt-4o": "qwen3:32b" },
  fallbacks: { "qwen3:32b": ["qwen3:14b", "qwen3:8b"] },
};

async function answered(agent: FakeAgent): Promise<void> {
  agent.last.answer();
  await turn();
}

test("an alias goes to its model: the body says so and is otherwise the same, a header tells, the history has what was asked", async () => {
  const { bench: on, agent, send } = await fleetWith(SETTINGS);
  const asked = send("gpt-4o", { headers: [["content-type", "application/json"]] });
  await turn();
  const { head, body } = agent("a").last;
  expect(body).toBe('{ "model" : "qwen3:32b", "messages":[{"model":"gpt-4o"}]}');
  expect(head).toMatchObject({
    content_length: body.length,
    headers: [["content-type", "application/json"]],
  });
  await answered(agent("a"));
  expect(asked.client.header("x-coordinator-model")).toBe("qwen3:32b");
  await on.brain.recorder.flush();
  expect(on.history.requests).toMatchObject([{ model: "gpt-4o", request_bytes: json("gpt-4o").length }]);
});

test("a model that is there is not replaced, whatever form its name has, and no header is added", async () => {
  const { agent, send } = await fleetWith(SETTINGS);
  const asked = send("QWEN3:32b");
  await turn();
  expect(agent("a").last.body).toBe(json("QWEN3:32b"));
  await answered(agent("a"));
  expect(asked.client.header("x-coordinator-model")).toBeUndefined();
});

describe("a fallback is used", () => {
  test("when no machine has the model, in the order of the list", async () => {
    const { agent, send } = await fleetWith(SETTINGS, {
      b: { models: ["qwen3:8b"] },
      c: { models: ["qwen3:14b"] },
    });
    for (const name of ["qwen3:32b", "gpt-4o"]) {
      const asked = send(name);
      await turn();
      expect(agent("c").last.body).toBe(json(name).replace(name, "qwen3:14b"));
      await answered(agent("c"));
      expect(asked.client.header("x-coordinator-model")).toBe("qwen3:14b");
    }
  });

  test("when only machines that are offline have it, and not while one may come back", async () => {
    const { bench: on, agent, send } = await fleetWith(SETTINGS);
    agent("a").lose();
    const asked = send("gpt-4o");
    await turn();
    expect([asked.ended, agent("b").requests]).toEqual([undefined, []]);
    await on.clock.advance(15_000);
    await answered(agent("b"));
    expect(asked.client.header("x-coordinator-model")).toBe("qwen3:14b");
  });

  test("not because the model's machine is busy", async () => {
    const { agent, send } = await fleetWith(SETTINGS);
    send("gpt-4o");
    const second = send("gpt-4o");
    await turn();
    expect([second.ended, agent("b").requests]).toEqual([undefined, []]);
    for (const request of agent("a").open) request.answer();
    await turn();
    for (const request of agent("a").open) request.answer();
    await turn();
    expect(second.client.header("x-coordinator-model")).toBe("qwen3:32b");
  });

  test("by a retry, too, with the body from its beginning", async () => {
    const { bench: on, agent, send } = await fleetWith(SETTINGS);
    const first = send("gpt-4o");
    await turn();
    agent("a").lose();
    await on.clock.advance(15_000);
    expect(first.ended).toMatchObject({ kind: "lost", code: "agent_lost", agentId: "a" });
    const retry = send("gpt-4o", { attempt: 2, avoid: ["a"], lostTo: "agent_lost" });
    await turn();
    expect(agent("b").last.body).toBe('{ "model" : "qwen3:14b", "messages":[{"model":"gpt-4o"}]}');
    await answered(agent("b"));
    expect(retry.ended).toEqual({ kind: "answered" });
  });

  test("on the pinned machine alone, and for show as well", async () => {
    const { agent, send } = await fleetWith(SETTINGS);
    for (const over of [{ agent: "b" }, { agent: "b", class: "show", endpoint: "/api/show" }] as const) {
      const asked = send("gpt-4o", over);
      await turn();
      expect(agent("b").last.body).toContain('"qwen3:14b"');
      await answered(agent("b"));
      expect(asked.client.header("x-coordinator-model")).toBe("qwen3:14b");
    }
    expect(agent("a").requests).toEqual([]);
  });

  test("and while it is waited for, a client that leaves is gone", async () => {
    const { bench: on, send } = await fleetWith(SETTINGS, { b: { models: ["qwen3:14b"] } });
    send("gpt-4o");
    const second = send("gpt-4o");
    await turn();
    second.client.leave();
    await turn();
    expect(second.ended).toEqual({ kind: "gone" });
    expect(on.brain.load()).toMatchObject({ running: 1, waiting: 0 });
  });
});

describe("when nobody has any of them", () => {
  test("the refusal is the first model's and names it as the client did", async () => {
    const { send } = await fleetWith(SETTINGS, { a: { models: ["other"] } });
    expect(await send("gpt-4o").outcome).toMatchObject({
      code: "model_not_found",
      message: "model 'gpt-4o' not found",
    });
  });

  test("one that is offline is said to be, whatever is with its fallbacks", async () => {
    const {
      bench: on,
      agent,
      send,
    } = await fleetWith(SETTINGS, {
      a: { models: ["qwen3:32b"] },
      b: { models: ["other"] },
    });
    agent("a").lose();
    await on.clock.advance(15_000);
    expect(await send("gpt-4o").outcome).toMatchObject({
      code: "model_offline",
      message: "model 'gpt-4o' is only on machines that are offline or not ready",
    });
  });

  test("a fallback whose line is full is what there was to wait for, and is said", async () => {
    const { send } = await fleetWith(
      { ...SETTINGS, queue: { max_length: 0 } },
      { b: { models: ["qwen3:14b"] } },
    );
    send("gpt-4o");
    expect(await send("gpt-4o").outcome).toMatchObject({ code: "queue_full", retryAfterS: 5 });
  });
});

describe("keys", () => {
  const keys = [
    storedKey("alias", { models: ["gpt-*"] }),
    storedKey("large", { models: ["qwen3:32b"] }),
    storedKey("small", { models: ["qwen3:14b"] }),
    storedKey("both", { models: ["qwen3:32b", "qwen3:14b"] }),
    storedKey("other", { models: ["llama*"] }),
  ];
  const used = async (id: string, model = "gpt-4o"): Promise<string | undefined> => {
    const { agents, send } = await fleetWith(SETTINGS, undefined, { keys });
    const asked = send(model, { caller: key(id) });
    await turn();
    for (const agent of Object.values(agents)) for (const request of agent.open) request.answer();
    await turn();
    return asked.ended?.kind === "refused" ? asked.ended.code : asked.client.header("x-coordinator-model");
  };

  test("one that may use the alias, and one that may use what stands behind it, may use it", async () => {
    expect([await used("alias"), await used("large")]).toEqual(["qwen3:32b", "qwen3:32b"]);
  });
  test("one that may use only a fallback gets that, and one that may use none of them nothing", async () => {
    expect([await used("small"), await used("other")]).toEqual(["qwen3:14b", "forbidden"]);
    expect(await used("alias", "qwen3:32b")).toBe("forbidden");
  });
  test("a fallback gives a key no model that it may not use itself, and the list agrees", async () => {
    const machines = { b: { models: ["qwen3:14b"] } };
    const { bench: on, agent, send } = await fleetWith(SETTINGS, machines, { keys });
    for (const [id, model] of [
      ["alias", "gpt-4o"],
      ["large", "gpt-4o"],
      ["large", "qwen3:32b"],
    ] as const) {
      const asked = send(model, { caller: key(id) });
      await turn();
      expect(asked.ended).toMatchObject({ kind: "refused", code: "model_not_found" });
      expect(await on.brain.tags(key(id))).toEqual({ ok: true, value: [] });
    }
    const both = send("gpt-4o", { caller: key("both") });
    await turn();
    await answered(agent("b"));
    expect(both.client.header("x-coordinator-model")).toBe("qwen3:14b");
  });
  test("each sees the alias in the list when it may use it", async () => {
    const { bench: on } = await fleetWith(SETTINGS, undefined, { keys });
    const seen = async (id: string): Promise<string[]> => {
      const tags = await on.brain.tags(key(id));
      return tags.ok ? tags.value.map(({ name }) => name).sort() : [];
    };
    expect(await seen("alias")).toEqual(["gpt-4o"]);
    expect(await seen("large")).toEqual(["gpt-4o", "qwen3:32b"]);
    expect(await seen("small")).toEqual(["gpt-4o", "qwen3:14b"]);
    expect(await seen("other")).toEqual([]);
  });
});

test("it is the final model that must not be one of ollama.com", async () => {
  const { agent, send } = await fleetWith({ aliases: { "gpt-oss:120b-cloud": "qwen3:32b" } });
  send("gpt-oss:120b-cloud");
  await turn();
  expect(agent("a").requests).toHaveLength(1);
  expect(await send("deepseek:cloud").outcome).toMatchObject({ code: "forbidden" });
});

test("administration means the very model that it names", async () => {
  const { agent, send } = await fleetWith(SETTINGS);
  send("gpt-4o", { class: "manage", endpoint: "/api/pull", agent: "a" });
  await turn();
  expect(agent("a").last.body).toBe(json("gpt-4o"));
});

test("a body of which it is not known where it names its model is not touched", async () => {
  const { send } = await fleetWith(SETTINGS);
  expect(await send("gpt-4o", { modelAt: undefined }).outcome).toMatchObject({ code: "model_not_found" });
});

describe("a packed body", () => {
  const whole = new Uint8Array(zstdCompressSync(json("gpt-4o")));
  const packed = naming("gpt-4o", {
    headers: [
      ["content-encoding", "zstd"],
      ["content-type", "application/json"],
    ],
    contentLength: whole.length,
  });
  const sourceOf = (...pieces: Uint8Array[]) => ({ read: () => pieces.shift() ?? null, cancel: () => {} });

  test("goes on unpacked, with the model's name", async () => {
    const { bench: on, agent } = await fleetWith(SETTINGS);
    on.ask(packed, sourceOf(whole.subarray(0, 20), whole.subarray(20)));
    await turn();
    const { head, body } = agent("a").last;
    expect(body).toBe('{ "model" : "qwen3:32b", "messages":[{"model":"gpt-4o"}]}');
    expect(head).toMatchObject({ content_length: -1, headers: [["content-type", "application/json"]] });
  });

  test("that breaks off in the middle is refused as the client's fault, and the machine is let go", async () => {
    const { bench: on, agent } = await fleetWith(SETTINGS);
    const asked = on.ask(packed, sourceOf(whole.subarray(0, -4)));
    await turn();
    expect(asked.ended).toMatchObject({ kind: "refused", code: "bad_request" });
    expect([agent("a").last.failure, on.brain.load().running]).toEqual(["cancelled", 0]);
  });
});

test("a client that stops in the middle of its body is gone, renamed or not", async () => {
  const { bench: on, agent } = await fleetWith(SETTINGS);
  const body = new HeldBody();
  const asked = on.ask(naming("gpt-4o"), body);
  await turn();
  body.give('{ "model" : "gpt');
  await turn();
  expect(agent("a").last.body).toBe('{ "model" : "qwen3:32b"');
  body.give(new Error("the client stopped"));
  await turn();
  expect(asked.ended).toEqual({ kind: "gone" });
});

test("bad tables are refused with their field, and nothing of the patch holds", async () => {
  const { brain } = new Bench({ agents: [storedAgent("a")] });
  const before = await brain.getSettings();
  const patch: SettingsPatch = { ...SETTINGS, fallbacks: { "qwen3:32b": ["GPT-4o:latest"] } };
  expect(await brain.putSettings(patch)).toMatchObject({
    ok: false,
    error: { status: 400, code: "bad_request", fields: { aliases: expect.stringContaining("cycle") } },
  });
  expect(await brain.getSettings()).toEqual(before);
});
