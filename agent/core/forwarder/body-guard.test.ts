import { buffer } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { Bench } from "../../testing/agent-bench.ts";

let bench: Bench | undefined;
afterEach(() => bench?.close());

/** An Ollama that remembers the bodies that reached it whole. */
async function open(): Promise<{ bench: Bench; whole: Buffer[] }> {
  const whole: Buffer[] = [];
  const opened = await Bench.open(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    whole.push(body);
    response.end("{}");
  });
  bench = opened;
  await opened.online();
  return { bench: opened, whole };
}

const padded = (bytes: number, tail: string): Buffer =>
  Buffer.from(`{"model":"allowed","prompt":${JSON.stringify('x\\"'.repeat(bytes / 4))}${tail}}`);
const zstd: [string, string][] = [["content-encoding", "zstd"]];

test.each([
  ["a small body", padded(400, ',"model":"forbidden"')],
  ["a body of a megabyte", padded(1_000_000, ',"model":"forbidden"')],
  ["another case", padded(100_000, ',"MoDeL":"forbidden"')],
  ["escapes", padded(100_000, ',"mod\\u0065l":"forbidden"')],
  ["a value padded beyond what is read", padded(100_000, `,"model":"${"\\u0066".repeat(800)}"`)],
])("%s whose second model comes late never reaches Ollama complete", async (_, body) => {
  const { bench, whole } = await open();
  for (const content_length of [body.length, -1]) {
    const answer = await bench.coordinator.ask("POST", "/api/generate", body, { content_length });
    expect(answer.failed).toBe("body_refused");
  }
  expect(whole).toEqual([]);
});

test("a packed body is unpacked to look at it, and goes on as it is", async () => {
  const { bench, whole } = await open();
  const random = Buffer.from(Array.from({ length: 300_000 }, (_, at) => 97 + ((at * at * 7919) % 23)));
  const good = zstdCompressSync(Buffer.from(`{"model":"allowed","prompt":"${random}"}`));
  const bad = zstdCompressSync(Buffer.from(`{"model":"allowed","prompt":"${random}","model":"forbidden"}`));
  const ask = (body: Buffer) => bench.coordinator.ask("POST", "/v1/responses", body, { headers: zstd });
  expect((await ask(good)).failed).toBeUndefined();
  expect((await ask(bad)).failed).toBe("body_refused");
  expect(whole.map((body) => body.equals(good))).toEqual([true]);
});

test("a second model in a second zstd frame is not overlooked, nor what cannot be unpacked", async () => {
  const { bench, whole } = await open();
  const frames = Buffer.concat([
    zstdCompressSync(Buffer.from('{"model":"allowed",')),
    zstdCompressSync(Buffer.from('"model":"forbidden"}')),
  ]);
  const broken = Buffer.from(`not zstd at all`);
  for (const body of [frames, broken]) {
    const answer = await bench.coordinator.ask("POST", "/v1/responses", body, { headers: zstd });
    expect(answer.failed).toBe("body_refused");
  }
  expect(whole).toEqual([]);
});

test("the same model twice, a model inside a value, and what follows the object do no harm", async () => {
  const { bench, whole } = await open();
  const bodies = [
    '{"model":"allowed","model":"allowed"}',
    '{"model":"allowed","options":{"model":"forbidden"},"messages":[{"model":"forbidden"}]}',
    '{"model":"allowed"}\n{"model":"forbidden"}',
    '{"model":"allowed","prompt":"\\",\\"model\\":\\"forbidden"}',
  ];
  for (const body of bodies) {
    expect((await bench.coordinator.ask("POST", "/api/generate", body)).failed).toBeUndefined();
  }
  expect(whole.map(String)).toEqual(bodies);
});
