import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopLevelScan } from "../../shared/lib/model-scan.ts";
import type { Call } from "./api.ts";
import type { ByteSource } from "./client-side.ts";
import { renamed } from "./rename-body.ts";
import { Bench } from "./testing/bench.ts";
import { textOf } from "./testing/bytes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const on = new Bench();

/** The bytes in pieces that end at `cuts`; every second one comes later. */
function sourceOf(whole: Uint8Array, cuts: readonly number[]): ByteSource & { cancelled: boolean } {
  const ends = [...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  const pieces = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
  const source = {
    cancelled: false,
    read: () => {
      const piece = pieces.shift() ?? null;
      return pieces.length % 2 === 0 ? piece : Promise.resolve(piece);
    },
    cancel: () => {
      source.cancelled = true;
    },
  };
  return source;
}

async function allOf(source: ByteSource | null): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await source?.read(); chunk; chunk = await source?.read()) chunks.push(chunk);
  return chunks;
}

const lengthOf = (chunks: readonly Uint8Array[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.length, 0);

function placesIn(whole: Uint8Array): [number, number][] {
  const scan = new TopLevelScan(["model"]);
  scan.push(whole);
  return scan.at.get("model") ?? [];
}

async function rename(
  whole: Uint8Array,
  name: string,
  options: { cuts?: readonly number[]; call?: Partial<Call> } = {},
) {
  const call = on.call({ contentLength: whole.length, modelAt: placesIn(whole), ...options.call });
  const result = renamed(call, sourceOf(whole, options.cuts ?? []), name);
  return { call: result.call, chunks: await allOf(result.body) };
}

const cuts = fc.array(fc.nat(1_000), { maxLength: 12 });
const name = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("qwen3:32b", '"\\"'));

describe("a JSON body", () => {
  test("whatever else is in it and however it is cut, only the name is another", async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom("model", { model: "inner" }, '"model":"x"'),
    );
    const member = fc.tuple(fc.string({ unit: "grapheme", maxLength: 6 }), value);
    const list = fc.array(
      member.filter(([key]) => key.toLowerCase() !== "model"),
      { maxLength: 4 },
    );
    const space = fc.constantFrom("", " ", "\n\t");
    await fc.assert(
      fc.asyncProperty(list, name, list, name, cuts, space, async (before, old, after, other, at, gap) => {
        const text = ([key, member]: [string, unknown]): string =>
          `${JSON.stringify(key)}${gap}:${gap}${JSON.stringify(member)}`;
        const body = (model: string): string =>
          `${gap}{${[...before.map(text), text(["model", model]), ...after.map(text)].join(`${gap},`)}}${gap}`;
        const { call, chunks } = await rename(bytes(body(old)), other, { cuts: at });
        expect(textOf(chunks)).toBe(new TextDecoder().decode(bytes(body(other))));
        expect(call.contentLength).toBe(lengthOf(chunks));
        expect(JSON.parse(textOf(chunks))).toEqual(JSON.parse(new TextDecoder().decode(bytes(body(other)))));
      }),
      { numRuns: 500 },
    );
  });

  test("a name that stands in it twice is replaced twice, escapes and padding included", async () => {
    const { chunks } = await rename(bytes('{"model":"\\u0061","x":1,"MODEL" : "a"}'), "é", {
      cuts: [9, 12, 35],
    });
    expect(textOf(chunks)).toBe('{"model":"é","x":1,"MODEL" : "é"}');
  });

  test("nothing is held back but the name itself: what came before it has passed before it ends", async () => {
    const pieces = [bytes('{"a":1,"model":"ol'), bytes('d","b":2'), bytes("}")];
    let reads = 0;
    const source = { read: () => pieces[reads++] ?? null, cancel: () => {} };
    const body = renamed(on.call({ modelAt: [[15, 20]] }), source, "new").body;
    const passed = [await body?.read(), await body?.read()];
    expect([passed.map((piece) => textOf([piece ?? new Uint8Array(0)])), reads]).toEqual([
      ['{"a":1,"model":', '"new"'],
      1,
    ]);
  });

  test("an unknown length stays unknown, and who gives up is heard by the client's body", () => {
    const source = sourceOf(bytes("{}"), []);
    const { call, body } = renamed(on.call({ contentLength: -1, modelAt: [[0, 1]] }), source, "x");
    body?.cancel();
    expect([call.contentLength, source.cancelled]).toEqual([-1, true]);
    expect(renamed(on.call(), null, "x").body).toBeNull();
  });
});

describe("a zstd body", () => {
  const headers: [string, string][] = [
    ["content-type", "application/json"],
    ["content-encoding", " ZSTD"],
  ];
  const json = (model: string, content = "lorem ipsum "): string =>
    JSON.stringify({ messages: [content.repeat(5_000)], model, stream: false });

  test("is unpacked on the way, and its headers say so", async () => {
    const modelAt = placesIn(bytes(json("gpt-4o")));
    const packed = new Uint8Array(zstdCompressSync(json("gpt-4o")));
    for (const at of [[], [1, 2, 3, 50], [17, 18, 100]]) {
      const { call, chunks } = await rename(packed, "qwen3:32b", { cuts: at, call: { headers, modelAt } });
      expect(textOf(chunks)).toBe(json("qwen3:32b"));
      expect(call.headers).toEqual([["content-type", "application/json"]]);
      expect(call.contentLength).toBe(-1);
    }
  });

  test("that unpacks to much does so as it is read, not all at once", async () => {
    const content = `${json("a", "A".repeat(2_000))}`;
    const packed = new Uint8Array(zstdCompressSync(content));
    expect(packed.length).toBeLessThan(4_000);
    const { body } = renamed(
      on.call({ headers, modelAt: placesIn(bytes(content)) }),
      sourceOf(packed, []),
      "b",
    );
    expect((await body?.read())?.length).toBeLessThanOrEqual(128 * 1024);
    expect(lengthOf(await allOf(body))).toBeGreaterThan(9_000_000);
  });

  test.each([
    ["that breaks off", new Uint8Array(zstdCompressSync(json("a"))).subarray(0, -5)],
    ["that is none", bytes(json("a"))],
    [
      "that is two",
      new Uint8Array(Buffer.concat([zstdCompressSync(json("a")), zstdCompressSync(json("a"))])),
    ],
    ["of more than 20 MiB", new Uint8Array(zstdCompressSync(Buffer.alloc(21 * 1024 * 1024, 65)))],
  ])("%s rejects as the client's fault", async (_, packed) => {
    await expect(rename(packed, "b", { call: { headers, modelAt: [] } })).rejects.toMatchObject({
      name: "BadBodyError",
    });
  });
});

test("in a form the name is written as it is, and its length is right", async () => {
  const form = (model: string): string =>
    `--B\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n--B--\r\n`;
  const from = form("").indexOf("\r\n\r\n") + 4;
  const { call, chunks } = await rename(bytes(form("whisper-1")), 'né"w', {
    cuts: [60, 62],
    call: { endpoint: "/v1/audio/transcriptions", modelAt: [[from, from + 9]] },
  });
  expect(textOf(chunks)).toBe(form('né"w'));
  expect(call.contentLength).toBe(lengthOf(chunks));
});
