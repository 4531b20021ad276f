import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type FoundModel, findModel } from "./find-model.ts";
import { KEEP, MemoryBudget } from "./memory-budget.ts";
import { ReplayBody } from "./replay-body.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Format {
  contentType?: string;
  contentEncoding?: string;
  in?: "json" | "multipart";
  keys?: string[];
}

async function findIn(
  pieces: readonly Uint8Array[],
  format: Format = {},
): Promise<FoundModel & { read: number }> {
  let read = 0;
  const source = { read: () => pieces[read++] ?? null, cancel: () => {} };
  const body = new ReplayBody(source, new MemoryBudget(), -1);
  const found = await findModel(body, {
    contentType: "application/json",
    contentEncoding: "",
    in: "json",
    keys: ["model"],
    ...format,
  });
  return { ...found, read };
}

const told = (found: FoundModel): string =>
  found.kind === "found" ? found.model : found.kind === "none" ? found.message : found.kind;

/** Every way to cut into two, and into single bytes. */
function cuts(whole: Uint8Array): Uint8Array[][] {
  const halves = Array.from({ length: whole.length - 1 }, (_, at) => [
    whole.subarray(0, at + 1),
    whole.subarray(at + 1),
  ]);
  return [[whole], ...halves, Array.from(whole, (byte) => Uint8Array.of(byte))];
}

describe("JSON", () => {
  test.each<[string, string, string[]?]>([
    ['{"model":"llama3.2"}', "llama3.2"],
    [' \n{ "stream" : false , "model"\t:\r\n"a:b" , "x":1}', "a:b"],
    ['{"messages":[{"model":"no"}],"options":{"model":"no"},"model":"yes"}', "yes"],
    ['{"a":"\\\\\\"","b":"{\\"model\\":\\"no\\"}","model":"yes"}', "yes"],
    ['{"a":"ends in \\\\","model":"yes"}', "yes"],
    ['{"m\\u006fdel":"\\u0079es \\ud83d\\ude00"}', "yes 😀"],
    ['{"MODEL":"any case"}', "any case"],
    ['{"model":"  padded "}', "padded"],
    ['{"model":"ü名😀"}', "ü名😀"],
    ['{"name":"old","x":1}', "old", ["model", "name"]],
    ['{"name":"old","model":"new"}', "new", ["model", "name"]],
    ['{"model":"","name":"old"}', "old", ["model", "name"]],
    ['{"model":"same","model":"same"}', "same"],
    ['{"model":"a","model":"b"}', "the body names two different models"],
    ['{"model":"a","Model":"b"}', "the body names two different models"],
    ['{"name":"old"}', "model is required"],
    ['{"model":5}', "model is required"],
    ['{"model":null}', "model is required"],
    ['{"model":["a"]}', "model is required"],
    ['{"model":{"model":"a"}}', "model is required"],
    ['{"model":""}', "model is required"],
    ["{}", "model is required"],
    ['{"messages":[', "model is required"],
    ['[{"model":"a"}]', "the body is not a JSON object"],
    ['"model"', "the body is not a JSON object"],
    ["nonsense", "the body is not a JSON object"],
    ["   ", "the body is not a JSON object"],
  ])("%s, cut anywhere", async (json, expected, keys = ["model"]) => {
    const whole = bytes(json);
    for (const pieces of cuts(whole)) {
      // Two names in two pieces: the first answers at once, and the body's reader at the agent sees the second.
      const found = told(await findIn(pieces, { keys }));
      if (expected.startsWith("the body names two")) expect(["a", expected]).toContain(found);
      else
        expect([found, pieces.map((piece) => piece.length)]).toEqual([
          expected,
          pieces.map((piece) => piece.length),
        ]);
    }
  });

  test("nothing is read beyond the piece in which the name ends", async () => {
    const pieces = [bytes('{"model":"a"'), bytes(',"messages":['), bytes("]}")];
    expect(await findIn(pieces)).toMatchObject({ kind: "found", model: "a", read: 1 });
    const later = [
      bytes('{"images":["'),
      new Uint8Array(100).fill(65),
      bytes('"],"model":"a"'),
      bytes(',"x":1}'),
    ];
    expect(await findIn(later)).toMatchObject({ kind: "found", model: "a", read: 3 });
  });

  test("a name behind more than may be kept is not found, and one just before is", async () => {
    const image = (length: number): Uint8Array[] => {
      const mebibyte = new Uint8Array(1024 * 1024).fill(65);
      const pieces: Uint8Array[] = [bytes('{"images":["')];
      for (let left = length; left > 0; left -= mebibyte.length) pieces.push(mebibyte.subarray(0, left));
      return pieces;
    };
    const tail = bytes('"],"model":"a"}');
    const room = KEEP.request - 12 - tail.length;
    expect(told(await findIn([...image(room), tail]))).toBe("a");
    expect(told(await findIn([...image(room + 1), tail]))).toBe("overloaded");
  });
});

test.each<[string, string, (string | undefined)[], Format?]>([
  ["each place of the name", '{"model":"a","x":1,"Model" :"a"}', ['"a"', '"a"']],
  ["only places of the key that counts", '{"name":"b","model":"a"}', ['"a"'], { keys: ["model", "name"] }],
  ["those of the older key where it counts", '{"model":"","name":"b"}', ['"b"'], { keys: ["model", "name"] }],
])("%s is told", async (_, json, texts, format) => {
  const found = await findIn([bytes(json)], format);
  const at = found.kind === "found" ? found.at : [];
  expect(at.map(([from, to]) => json.slice(from, to))).toEqual(texts);
});

test("a name that is repeated on and on is refused: each place would go along in a header", async () => {
  const body = (times: number): Uint8Array => bytes(`{${'"model":"a",'.repeat(times)}"x":1}`);
  expect(told(await findIn([body(8)]))).toBe("a");
  expect(told(await findIn([body(9)]))).toBe("the body names its model more than 8 times");
});

test("a name that is longer than any is refused: the history and every dashboard would keep it", async () => {
  const form = (model: string): Uint8Array =>
    bytes(`--B\r\ncontent-disposition: form-data; name="model"\r\n\r\n${model}\r\n--B--\r\n`);
  const format: Format = { in: "multipart", contentType: "multipart/form-data; boundary=B" };
  const [most, more] = ["m".repeat(600), "m".repeat(601)];
  for (const ask of [
    (model: string) => findIn([bytes(JSON.stringify({ model }))]),
    (model: string) => findIn([form(model)], format),
  ]) {
    expect(told(await ask(most))).toBe(most);
    expect(told(await ask(more))).toBe("the model's name may have at most 600 characters");
    expect(told(await ask("m".repeat(2_000_000)))).not.toMatch(/mmm/);
  }
});

describe("zstd", () => {
  const packed = { contentEncoding: "zstd" };
  const large = JSON.stringify({ messages: ["lorem ipsum ".repeat(5_000)], model: "behind" });

  test.each([
    ['{"model":"a","messages":[]}', "a"],
    [large, "behind"],
    ['{"messages":[]}', "model is required"],
  ])("a name is found in what is unpacked, cut into pieces of any size", async (json, expected) => {
    const whole = new Uint8Array(zstdCompressSync(json));
    for (const size of [1, 7, 100, 100_000]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      const found = await findIn(pieces, { contentEncoding: " ZSTD" });
      expect(told(found)).toBe(expected);
      const at = found.kind === "found" ? found.at : [];
      // Offsets are those of what is unpacked.
      for (const [from, to] of at) expect(json.slice(from, to)).toBe(JSON.stringify(expected));
    }
  });

  test("what is not zstd is said to be none", async () => {
    expect(told(await findIn([bytes('{"model":"a"}')], packed))).toBe("the body is not valid zstd");
    expect(told(await findIn([new Uint8Array(zstdCompressSync(large)).subarray(0, 60)], packed))).not.toBe(
      "behind",
    );
  });

  test("what unpacks to more than Ollama takes is refused, after no more work than that", async () => {
    const bomb = new Uint8Array(
      zstdCompressSync(Buffer.concat([Buffer.from('{"x":"'), Buffer.alloc(64 * 1024 * 1024, 65)])),
    );
    expect(bomb.length).toBeLessThan(20_000);
    expect(told(await findIn([bomb], packed))).toMatch(/zstd window|larger than 20971520 bytes/);
  });
});

describe("multipart", () => {
  const form = (...parts: [string, string][]): Uint8Array =>
    bytes(
      `${parts.map(([head, value]) => `--B\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`).join("")}--B--\r\n`,
    );
  const format: Format = { in: "multipart", contentType: "multipart/form-data; boundary=B" };

  test.each<[string, Uint8Array, string]>([
    ["first", form(['name="model"', "whisper"], ['name="file"; filename="a.wav"', "RIFF"]), "whisper"],
    [
      "behind the file",
      form(['name="file"; filename="a.wav"', "RIFF\r\n--not\r\n"], ['name="model"', " whisper "]),
      "whisper",
    ],
    ["in any script", form(['name="model"', "名Àé😀"]), "名Àé😀"],
    ["missing", form(['name="file"; filename="a.wav"', "RIFF"]), "model is required"],
    ["empty", form(['name="model"', ""]), "model is required"],
  ])("a field that is %s, cut anywhere", async (_, whole, expected) => {
    for (const pieces of cuts(whole)) {
      const found = await findIn(pieces, format);
      expect(told(found)).toBe(expected);
      if (found.kind !== "found") continue;
      const [[from, to] = [0, 0]] = found.at;
      expect(new TextDecoder().decode(whole.subarray(from, to)).trim()).toBe(expected);
    }
  });

  test.each([
    "application/json",
    "multipart/form-data",
    "multipart/mixed; boundary=B",
    "",
    "multipart/form-data; boundary=limit; x-boundary=B",
    "multipart/form-data; boundary*0=limit; x-boundary=B",
  ])("content type %j is no form", async (contentType) => {
    expect(told(await findIn([form(['name="model"', "x"])], { ...format, contentType }))).toBe(
      "the body is not multipart/form-data",
    );
  });

  test.each(['multipart/form-data; boundary="B"', "Multipart/Form-Data; charset=utf-8; boundary=B"])(
    "content type %j names its boundary",
    async (contentType) => {
      expect(told(await findIn([form(['name="model"', "x"])], { ...format, contentType }))).toBe("x");
    },
  );
});
