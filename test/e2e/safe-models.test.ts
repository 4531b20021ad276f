import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, ask } from "../support/ask.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";
import { reached } from "../support/reached.ts";

const MB = 1_000_000;
const messages = [{ role: "user", content: "hi" }];

/** A body whose first `model` is allowed, with `bytes` of text before the rest of its members. */
function bodyWith(bytes: number, rest: Record<string, unknown>, tail: string): Buffer {
  const filling = randomBytes(bytes / 2).toString("hex");
  const text = JSON.stringify({ model: "allowed", filling, ...rest });
  return Buffer.from(`${text.slice(0, -1)},${tail}}`);
}

const SECOND = '"model":"forbidden"';

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("a key for one model, on %s", (_name, startHost) => {
  let fleet: Fleet;
  let host: TestHost;
  let ollama: StandInOllama;
  let key: string;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["allowed", "forbidden"], tokens: 1 },
      flags: ["--max-concurrency", "8"],
    });
    host = fleet.host;
    ollama = fleet.machine("box").ollama;
    key = (await makeKey(host, { permissions: ["infer"], models: ["allowed"] })).key;
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  const post = (
    path: string,
    body: Buffer | Readable,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    ask({ url: host.url, key, path, body, headers: { "content-type": "application/json", ...headers } })
      .answer;

  /** Requests of which all came to Ollama: it could answer them. */
  async function complete(): Promise<unknown[]> {
    await until("Ollama knows how each request ended", () =>
      reached(ollama).every(({ state }) => state !== "running"),
    );
    return reached(ollama)
      .filter(({ state }) => state === "done")
      .map(({ url, model }) => ({ url, model }));
  }

  async function expectRefused(answer: Answer): Promise<void> {
    expect([answer.status, answer.headers["x-coordinator-error"]]).toEqual([400, "bad_request"]);
    expect(await complete()).toEqual([]);
  }

  test.each([
    ['"MODEL":"forbidden"'],
    ['"model":"forbidden"'],
    ['"mod\\u0065l":"forbidden"'],
    ['"Model":" forbidden "'],
    ['"model":""'],
    [`"model":"${"\\u0020".repeat(700)}forbidden"`],
  ])("is not widened by a second name in the body: %s", async (second) => {
    for (const body of [`{"model":"allowed",${second}}`, `{${second},"model":"allowed","prompt":"hi"}`]) {
      const answer = await post("/api/generate", Buffer.from(body));
      // An empty name first is none, and the next one counts, here as there.
      if (body.startsWith('{"model":""')) expect(answer.status).toBe(200);
      else await expectRefused(answer);
      ollama.clear();
    }
  });

  test.each([
    ["/api/generate", { prompt: "hi", stream: false }],
    ["/api/chat", { messages }],
    ["/v1/chat/completions", { messages, stream: true }],
    ["/v1/messages", { messages, max_tokens: 1 }],
    ["/v1/responses", { input: "hi" }],
    ["/api/embed", { input: "hi" }],
    ["/api/show", {}],
  ])("nor by one behind a megabyte of %s", async (path, rest) => {
    const body = bodyWith(MB, rest, SECOND);
    await expectRefused(await post(path, body));
    await expectRefused(await post(path, Readable.from([body.subarray(0, 300_000), body.subarray(300_000)])));
  });

  test("nor by one behind more than the coordinator keeps", async () => {
    await expectRefused(await post("/api/generate", bodyWith(10 * MB, { prompt: "hi" }, SECOND)));
    const whole = await post(
      "/api/generate",
      bodyWith(10 * MB, { prompt: "hi", stream: false }, '"model":"allowed"'),
    );
    expect([whole.status, JSON.parse(whole.text)]).toMatchObject([200, { model: "allowed", done: true }]);
  });

  test("nor in a packed body, and a body that is packed well passes unchanged", async () => {
    const zstd = { "content-encoding": "zstd" };
    const body = (tail: string): Buffer => zstdCompressSync(bodyWith(MB, { input: "hi" }, tail));
    await expectRefused(await post("/v1/responses", body(SECOND), zstd));
    const frames = [
      zstdCompressSync(bodyWith(MB, { input: "hi" }, '"x":1').subarray(0, -1)),
      zstdCompressSync(Buffer.from(`,${SECOND}}`)),
    ];
    await expectRefused(await post("/v1/responses", Buffer.concat(frames), zstd));
    const good = body('"x":1');
    const answer = await post("/v1/responses", good, zstd);
    expect([answer.status, reached(ollama).at(-1)?.bodyBytes]).toEqual([200, good.length]);
  });

  test("a packed body that would unpack to gigabytes is refused and costs next to nothing", async () => {
    const before = host.memory();
    const zstd = { "content-encoding": "zstd" };
    const magic = [0x28, 0xb5, 0x2f, 0xfd];
    // A window of 2 GiB less a little, which a decoder allocates when it reads the header.
    const window = Buffer.from([...magic, 0x00, (20 << 3) | 7, ...Array<number>(40).fill(0)]);
    // 128 KiB of zeros for each 4 bytes.
    const block = [0x02, 0x00, 0x10, 0x20];
    const bomb = Buffer.from([...magic, 0x00, 7 << 3, ...Array.from({ length: 50_000 }, () => block).flat()]);
    for (const body of [window, bomb]) {
      const begun = performance.now();
      await expectRefused(await post("/v1/responses", body, zstd));
      expect(performance.now() - begun).toBeLessThan(10_000);
    }
    expect(host.memory() - before).toBeLessThan(300 * MB);
  });

  describe("in a form", () => {
    const boundary = "a-boundary";
    const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
    const field = (disposition: string, value: string): string =>
      `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
    const file = field('name="file"; filename="a.wav"', "RIFF");
    const form = (...parts: string[]): Buffer => Buffer.from(`${parts.join("")}--${boundary}--\r\n`);
    const path = "/v1/audio/transcriptions";

    test("the URL's query names no model: Ollama would prefer it to the form's", async () => {
      const answer = await post(
        `${path}?model=forbidden`,
        form(field('name="model"', "allowed"), file),
        type,
      );
      expect(answer.status).toBe(200);
      expect(reached(ollama)).toMatchObject([{ url: path, model: "allowed" }]);
    });

    test("a name that other readers would find elsewhere is refused", async () => {
      for (const disposition of [
        'name*0="mo"; name*1="del"',
        'name="model"; filename=""',
        'x="; name=model"; name="y"',
      ]) {
        const hidden = field(disposition, "forbidden");
        await expectRefused(await post(path, form(hidden, field('name="model"', "allowed"), file), type));
      }
      const forbidden = await post(
        path,
        form(field('name="model"', "forbidden"), field('name="model"', "allowed"), file),
        type,
      );
      expect(forbidden.status).toBe(403);
      expect(await complete()).toEqual([]);
    });
  });
});
