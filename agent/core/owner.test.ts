import { buffer } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bench } from "../testing/agent-bench.ts";

let bench: Bench;
/** Bodies that reached Ollama whole. */
let whole: string[];
let slow: (() => void)[];

beforeEach(async () => {
  whole = [];
  slow = [];
  bench = await Bench.open(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    whole.push(body.toString("latin1"));
    if (body.includes("slowly")) {
      response.write("first\n");
      slow.push(() => response.end("last\n"));
    } else response.end('{"done":true}\n');
  });
});
afterEach(() => bench.close());

const STUBS = [{ name: "mine:latest", remote_model: "big" }];
const told = (field: string) =>
  bench.coordinator.journal.find((event) =>
    event.type === "state" && field in event.state ? event.state : undefined,
  );
const ask = (body: string, path = "/api/chat") => bench.coordinator.ask("POST", path, body);

describe("an agent that yields", () => {
  test("says so before it refuses the first request, ends what runs, and takes work when that is over", async () => {
    const { agent } = await bench.online();
    const running = ask('{"model":"m","prompt":"slowly"}');
    await bench.coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
    expect(agent.running).toBe(1);
    agent.setSharing({ reason: "paused" });
    expect((await ask('{"model":"m"}')).failed).toBe("stopping");
    const { entries } = bench.coordinator.journal;
    // What the machine watch says meanwhile is another matter.
    const saidAt = entries.findIndex((entry) => entry.type === "state" && "yielding" in entry.state);
    expect(entries[saidAt]).toMatchObject({ state: { yielding: { reason: "paused" } } });
    expect(saidAt).toBeLessThan(entries.findIndex(({ type }) => type === "failed"));
    for (const end of slow) end();
    expect((await running).body.toString()).toBe("first\nlast\n");
    agent.setSharing(null);
    expect((await ask('{"model":"m"}')).body.toString()).toBe('{"done":true}\n');
    expect([agent.running, agent.answered]).toEqual([0, 2]);
  });

  test("before it is connected says so with its first word", async () => {
    const agent = bench.agent();
    agent.setSharing({ reason: "on_battery" });
    void agent.run();
    expect((await bench.coordinator.online()).state.yielding).toEqual({ reason: "on_battery" });
  });
});

test("requests that run, and those that were answered whole, are counted and told", async () => {
  const { agent } = await bench.online();
  await ask('{"model":"m"}');
  const stream = bench.coordinator.open("POST", "/api/chat", { content_length: -1 });
  stream.write(Buffer.from('{"model":"m","prompt":"slowly"}'));
  stream.end();
  await bench.coordinator.journal.count((event) => event.type === "data", 2);
  stream.reset("cancelled");
  await bench.events.count((event) => event.type === "running" && event.count === 0, 2);
  expect(agent.answered).toBe(1);
  expect(bench.events.entries.filter(({ type }) => type === "running")).toEqual([
    { type: "running", count: 1, answered: 0 },
    { type: "running", count: 0, answered: 1 },
    { type: "running", count: 1, answered: 1 },
    { type: "running", count: 0, answered: 1 },
  ]);
});

test("what its owner changes while it runs holds at once, is told, and is in the next HELLO", async () => {
  const { agent } = await bench.online({ allowManage: false, maxConcurrency: 3 });
  const pull = () => bench.coordinator.ask("POST", "/api/pull", '{"model":"m"}');
  expect((await pull()).failed).toBe("owner_refused");
  agent.setOwner({ allowManage: true, allowCloud: true, maxConcurrency: undefined });
  expect(await told("allow_manage")).toEqual({
    allow_manage: true,
    allow_cloud: true,
    max_concurrency: null,
  });
  expect((await pull()).failed).toBeUndefined();
  agent.setOwner({ allowManage: false, allowCloud: false, maxConcurrency: 2 });
  expect((await pull()).failed).toBe("owner_refused");
  bench.coordinator.journal.entries.length = 0;
  bench.coordinator.cut();
  expect(await bench.coordinator.online()).toMatchObject({
    allow_manage: false,
    max_concurrency: 2,
    state: { allow_cloud: false },
  });
});

describe("models of ollama.com", () => {
  const form = (model: string, first = "file"): string => {
    const parts = {
      file: 'Content-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--x\r\nxx',
      model: `Content-Disposition: form-data; name="model"\r\n\r\n${model}`,
    };
    const order = first === "file" ? [parts.file, parts.model] : [parts.model, parts.file];
    return `--limit\r\n${order.join("\r\n--limit\r\n")}\r\n--limit--\r\n`;
  };
  const FORM = { headers: [["content-type", "multipart/form-data; boundary=limit"]] as [string, string][] };
  const PACKED = { headers: [["content-encoding", "zstd"]] as [string, string][] };
  const large = `"prompt":${JSON.stringify("x".repeat(200_000))}`;

  const BODIES: [string, string, string | Buffer, object?][] = [
    ["by its name", "/api/chat", '{"model":"gpt-oss:120b-cloud"}'],
    ["in another spelling, with spaces", "/v1/chat/completions", '{"MODEL":" M:CLOUD "}'],
    ["behind a space that only Ollama sees through", "/api/chat", '{"model":"gpt-oss:120b: cloud"}'],
    ["with a space that only Go knows", "/api/chat", '{"model":"gpt-oss:120b-cloud\\u0085"}'],
    ["by the older key", "/api/pull", '{"name":"m:cloud"}'],
    ["by the older key, behind an empty model", "/api/show", '{"model":"","name":"mine"}'],
    ["by the older key, to be made", "/api/create", '{"name":"m:cloud","from":"m"}'],
    ["with the registry's address", "/api/generate", '{"model":"https://registry.ollama.ai/library/mine"}'],
    ["in escapes", "/v1/messages", '{"model":"m:\\u0063loud"}'],
    ["behind an empty name", "/api/generate", '{"model":"","model":"m:cloud"}'],
    ["at the end of a large body", "/api/generate", `{${large},"model":"m:cloud"}`],
    ["by how Ollama lists it", "/api/show", '{"model":"MINE"}'],
    [
      "in a packed body",
      "/v1/responses",
      zstdCompressSync(Buffer.from(`{${large},"model":"m:cloud"}`)),
      PACKED,
    ],
    ["as what a copy is made of", "/api/copy", '{"source":"mine","destination":"other"}'],
    ["as what a model is made of", "/api/create", '{"model":"other","from":"m:cloud"}'],
    ["in a form", "/v1/audio/transcriptions", form("m:cloud"), FORM],
    ["in a form, first", "/v1/audio/transcriptions", form("m-cloud", "model"), FORM],
  ];

  /** An agent that knows the stub: Ollama's own list has it. */
  async function online(allowCloud: boolean): Promise<void> {
    await bench.close();
    bench = await Bench.open(async (request, response) => {
      const body = await buffer(request).catch(() => undefined);
      if (body === undefined) return;
      whole.push(body.toString("latin1"));
      response.end("{}");
    }, STUBS);
    await bench.online({ allowManage: true, allowCloud });
  }

  test.each(BODIES)(
    "%s never reach an Ollama whose owner does not allow them",
    async (_, path, body, head) => {
      await online(false);
      for (const content_length of [Buffer.byteLength(body), -1]) {
        const answer = await bench.coordinator.ask("POST", path, body, { content_length, ...head });
        expect(answer.failed).toBe("owner_refused");
      }
      expect(whole).toEqual([]);
    },
  );

  test.each(BODIES)("%s go on as they are where he does", async (_, path, body, head) => {
    await online(true);
    expect((await bench.coordinator.ask("POST", path, body, { ...head })).failed).toBeUndefined();
    expect(whole).toEqual([Buffer.from(body).toString("latin1")]);
  });

  describe("searching the web with the owner's account", () => {
    const searching = (tools: string): string => `{"model":"m","max_tokens":9,${large},"tools":${tools}}`;
    const SEARCH = '{"type":"web_search_20250305","name":"web_search"}';

    test.each<[string, string | Buffer, object?]>([
      ["as its only tool", searching(`[${SEARCH}]`)],
      ["behind other tools", searching(`[{"type":"custom","name":"a"},{"name":"b"},${SEARCH}]`)],
      ["in other letters", searching('[{"name":"web_search","TYPE":"web\\u005fsearch_20260209"}]')],
      ["by the first of two types", searching('[{"type":"web_search_1","type":"web_search_2"}]')],
      ["with a type beyond what is read", searching(`[{"type":"web_search${"_".repeat(9_000)}"}]`)],
      ["before it names its model", `{"tools":[${SEARCH}],${large},"model":"m"}`],
      ["in a packed body", zstdCompressSync(Buffer.from(searching(`[${SEARCH}]`))), PACKED],
    ])("%s, a request never reaches an Ollama whose owner does not allow it", async (_, body, head) => {
      await online(false);
      const answer = await bench.coordinator.ask("POST", "/v1/messages", body, { ...head });
      expect(answer.failed).toBe("owner_refused");
      expect(whole).toEqual([]);
      await online(true);
      expect((await bench.coordinator.ask("POST", "/v1/messages", body, { ...head })).failed).toBeUndefined();
    });

    test.each([
      [
        "other tools",
        "/v1/messages",
        searching('[{"name":"web_search"},{"type":"custom","name":"web_search"}]'),
      ],
      [
        "what was found before",
        "/v1/messages",
        '{"model":"m","messages":[{"role":"user","content":[{"type":"web_search_tool_result"}]}]}',
      ],
      ["a tool of a route that does not search", "/v1/responses", searching(`[${SEARCH}]`)],
    ])("%s do no harm", async (_, path, body) => {
      await online(false);
      expect((await ask(body, path)).failed).toBeUndefined();
    });
  });

  test("other names do no harm, in forms either, however the bytes come", async () => {
    await online(false);
    const body = form("cloud");
    const stream = bench.coordinator.open("POST", "/v1/audio/transcriptions", FORM);
    for (const byte of Buffer.from(body)) stream.write(Uint8Array.of(byte));
    stream.end();
    expect((await bench.coordinator.answer(stream)).failed).toBeUndefined();
    expect((await ask('{"model":"m-cloud:7b"}')).failed).toBeUndefined();
    expect(whole).toEqual([body, '{"model":"m-cloud:7b"}']);
  });

  test("beside a form, in the address, where Go looks first, never reach an Ollama", async () => {
    await online(false);
    for (const query of ["?model=m:cloud", "?model=m%3Acloud", "?x=1&model=mine"]) {
      const answer = await bench.coordinator.ask("POST", `/v1/audio/transcriptions${query}`, form("m"), FORM);
      expect(answer.failed).toBe("route_refused");
    }
    expect(whole).toEqual([]);
  });

  // Go reads over what stands in front of the first boundary, line by line, and knows one boundary only.
  test.each([
    ["behind a line that is none of it", `x\n${form("m:cloud", "model")}`, FORM.headers[0]?.[1]],
    ["behind an end that is none", `--limit--x\r\n${form("m:cloud", "model")}`, FORM.headers[0]?.[1]],
    [
      "inside a part of another boundary",
      `--other\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--other--\r\n${form("m:cloud", "model")}`,
      "multipart/form-data; boundary=limit; x-boundary=other",
    ],
    [
      "under a boundary in pieces",
      form("m:cloud", "model"),
      "multipart/form-data; boundary*0=lim; boundary*1=it; x-boundary=other",
    ],
  ])("in a form %s never reach an Ollama", async (_, body, type = "") => {
    await online(false);
    const answer = await bench.coordinator.ask("POST", "/v1/audio/transcriptions", body, {
      headers: [["content-type", type]],
    });
    expect(answer.failed).toBe("body_refused");
    expect(whole).toEqual([]);
  });

  test.each([
    ["no boundary", form("m"), "multipart/form-data"],
    ["a boundary that is no line", form("m").replace("--limit\r\n", "--limit \r\n"), FORM.headers[0]?.[1]],
    ["a folded header", form("m").replace("; name", ";\r\n name"), FORM.headers[0]?.[1]],
    ["a head without an end", `--limit\r\nA: ${"b".repeat(9_000)}`, FORM.headers[0]?.[1]],
  ])("a form with %s is refused", async (_, body, type = "") => {
    await online(true);
    const answer = await bench.coordinator.ask("POST", "/v1/audio/transcriptions", body, {
      headers: [["content-type", type]],
    });
    expect(answer.failed).toBe("body_refused");
    expect(whole).toEqual([]);
  });
});
