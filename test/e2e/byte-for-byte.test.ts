import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { STREAMS } from "../support/dialects.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { admin } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { SeenRequest, StandInOllama } from "../support/ollama/stand-in.ts";

const MIB = 1024 * 1024;

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("what comes out on %s is what went in", (_, startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["tiny", "nomic-embed-text"], hashBodies: true },
      flags: ["--max-concurrency", "8"],
    });
    ollama = fleet.machine("box").ollama;
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  const send = (
    path: string,
    options: { body?: object | Uint8Array | Readable; headers?: Record<string, string> } = {},
  ): Asked => ask({ url: fleet.host.url, key: fleet.key, path, body: { model: "tiny" }, ...options });

  /** The answer to a request that Ollama answers with exactly these pieces. */
  function answered(
    path: string,
    reply: {
      status?: number;
      headers?: Record<string, string>;
      chunks: (string | Uint8Array | { delayMs: number })[];
    },
  ): Promise<Answer> {
    ollama.misbehave({ kind: "raw", ...reply }, { path });
    return send(path).answer;
  }

  /** What the machine's Ollama got of the last request of this path. */
  const arrived = (path: string): Promise<SeenRequest> =>
    ollama.waitFor((request) => request.url === path && request.state === "done");

  describe("answers", () => {
    test.each(STREAMS)(
      "a stream in $name passes byte by byte, its characters cut anywhere",
      async (dialect) => {
        const text =
          'data: {"é":"日本語 🦙","unknown_field":[1e400,"\\u0000"], "spaces" :  1}\r\n\n: comment\n\n';
        const bytes = Buffer.from(text);
        const pieces = [...bytes].flatMap((byte, at) => [
          Buffer.of(byte),
          ...(at % 16 === 0 ? [{ delayMs: 2 }] : []),
        ]);
        const answer = await answered(dialect.path, {
          headers: { "content-type": dialect.contentType },
          chunks: pieces,
        });
        expect(answer.status).toBe(200);
        expect(answer.headers["content-type"]).toBe(dialect.contentType);
        expect(answer.end).toBe("complete");
        expect(answer.bytes.equals(bytes)).toBe(true);
      },
    );

    test("a piece is passed on when it comes, not when more does", async () => {
      ollama.misbehave({
        kind: "raw",
        headers: { "content-type": "application/x-ndjson" },
        chunks: ['{"response":"a"', { delayMs: 600_000 }],
      });
      const asked = send("/api/generate");
      await asked.received(15);
      asked.leave();
      expect((await asked.answer).text).toBe('{"response":"a"');
    });

    test("20 MB of any bytes, cut in odd pieces, stay as they are", async () => {
      const bytes = randomBytes(20 * MIB);
      const chunks: Buffer[] = [];
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 13) % 90_001) {
        chunks.push(bytes.subarray(at, at + size));
      }
      const answer = await answered("/api/chat", {
        headers: { "content-type": "application/x-ndjson" },
        chunks,
      });
      expect(answer.end).toBe("complete");
      expect(sha256(answer.bytes)).toBe(sha256(bytes));
    });

    test("a context of 500 KB is one line", async () => {
      const context = Array.from({ length: 80_000 }, (_, at) => 100_000 + at).join(",");
      const line = `{"model":"tiny","response":"","done":true,"context":[${context}],"eval_count":8}\n`;
      expect(line.length).toBeGreaterThan(500_000);
      const answer = await answered("/api/generate", {
        headers: { "content-type": "application/x-ndjson" },
        chunks: ['{"model":"tiny","response":"a","done":false}\n', line],
      });
      expect(answer.text).toBe(`{"model":"tiny","response":"a","done":false}\n${line}`);
      const own = await send("/api/generate", {
        body: { model: "tiny", prompt: "hi", options: { stand_in: { context_bytes: 500_000 } } },
      }).answer;
      const last = own.text.trimEnd().split("\n").at(-1) ?? "";
      expect(last.length).toBeGreaterThan(500_000);
      expect(JSON.parse(last)).toMatchObject({ done: true });
    });

    test.each([
      [400, "application/json; charset=utf-8", '{"error":"invalid options: \\"temperature\\"","x":1}'],
      [
        401,
        "application/json; charset=utf-8",
        '{"error":"unauthorized","signin_url":"https://ollama.com/connect"}',
      ],
      [404, "application/json; charset=utf-8", '{"error":"model \'tiny\' not found"}'],
      [404, "text/plain", "404 page not found"],
      [429, "application/json", '{"error":"slow down"}'],
      [499, "application/json; charset=utf-8", '{"error":"request canceled"}'],
      [
        500,
        "application/json; charset=utf-8",
        '{"error":"llama-server process has terminated: exit status 1"}',
      ],
      [501, "application/json; charset=utf-8", '{"error":"this model does not support embeddings"}'],
      [502, "text/plain; charset=utf-8", "bad gateway\n"],
      [503, "application/json; charset=utf-8", '{"error":"server busy, please try again."}'],
      [500, "application/json; charset=utf-8", ""],
    ])("an error %i of Ollama (%s) keeps its status and its body", async (status, contentType, body) => {
      for (const path of ["/api/chat", "/api/show", "/v1/chat/completions", "/v1/messages"]) {
        ollama.misbehave({ kind: "status", status, body, contentType }, { path });
        const answer = await send(path).answer;
        expect([path, answer.status, answer.text]).toEqual([path, status, body]);
        expect(answer.headers["content-type"]).toBe(contentType);
        expect(answer.headers["x-coordinator-error"]).toBeUndefined();
        expect(answer.headers["x-coordinator-attempts"]).toBe("1");
      }
    });

    test("Retry-After of an error of Ollama is kept", async () => {
      const headers = { "retry-after": "7" };
      ollama.misbehave({ kind: "status", status: 503, body: "{}", headers }, { path: "/api/chat" });
      expect((await send("/api/chat").answer).headers["retry-after"]).toBe("7");
    });

    test("an empty 200 is an empty 200", async () => {
      for (const headers of [{ "content-length": "0" }, { "content-type": "application/x-ndjson" }]) {
        const answer = await answered("/api/chat", { headers, chunks: [] });
        expect([answer.status, answer.text, answer.end]).toEqual([200, "", "complete"]);
      }
    });

    test("a length that Ollama gives is given", async () => {
      const body = '{"response":"日本語"}';
      const length = Buffer.byteLength(body);
      const answer = await answered("/api/generate", {
        headers: { "content-type": "application/json; charset=utf-8", "content-length": String(length) },
        chunks: [body],
      });
      expect(answer.headers["content-length"]).toBe(String(length));
      expect(answer.text).toBe(body);
    });
  });

  describe("requests", () => {
    test("a body passes byte for byte, with what nobody knows in it", async () => {
      const body = Buffer.from(
        ' \n{ "options" : {"unknown":1e400, "\\u0061":"\\ud83e"},\t"MODEL":"tiny", "prompt":"日本語 🦙", "stream":false}\r\n',
      );
      // The stand-in's own decoder minds the case of a key; Ollama's does not.
      ollama.misbehave({ kind: "status", status: 200, body: "{}" }, { path: "/api/generate" });
      const answer = await send("/api/generate", { body }).answer;
      expect([answer.status, answer.text]).toEqual([200, "{}"]);
      const seen = await arrived("/api/generate");
      expect([seen.bodyBytes, seen.bodySha256]).toEqual([body.length, sha256(body)]);
    });

    test("a query passes, too", async () => {
      await send("/api/generate?a=%2F&b", { body: { model: "tiny", prompt: "hi", stream: false } }).answer;
      await arrived("/api/generate?a=%2F&b");
    });

    test.each([
      ["with a length", (body: Buffer) => ({ body, headers: { "content-length": String(body.length) } })],
      [
        "in chunks",
        (body: Buffer) => ({ body: Readable.from(piecesOf(body, 100_003), { objectMode: false }) }),
      ],
      [
        "after a 100 Continue",
        (body: Buffer) => ({
          body,
          headers: { expect: "100-continue", "content-length": String(body.length) },
        }),
      ],
    ])("60 MB of JSON sent %s arrive as they are", async (_how, options) => {
      const body = images(60 * MIB, "first");
      const answer = await send("/api/chat", options(body)).answer;
      expect([answer.status, answer.end]).toEqual([200, "complete"]);
      const seen = await arrived("/api/chat");
      expect([seen.bodyBytes, seen.bodySha256]).toEqual([body.length, sha256(body)]);
    });

    test("an alias changes the name where it stands and nothing else, on the way there or back", async () => {
      await admin(fleet.host, "PUT", "/api/admin/settings", { aliases: { "gpt-4o": "tiny" } });
      const bodyOf = (model: string): Buffer =>
        Buffer.from(
          ` {"max_tokens":8,"messages":[{"role":"user","content":"gpt-4o 🦙","model":"gpt-4o"}],"model" : "${model}" ,"stream":true}\n`,
        );
      for (const { path, contentType } of STREAMS) {
        const chunks = ['{"model":"tiny"', { delayMs: 5 }, "}\n\n"];
        const raw = { kind: "raw", headers: { "content-type": contentType }, chunks } as const;
        ollama.misbehave(raw, { path, times: 2 });
        const direct = await send(path, { body: bodyOf("tiny") }).answer;
        ollama.clear();
        const answer = await send(path, { body: bodyOf("gpt-4o") }).answer;
        const seen = await arrived(path);
        expect([path, seen.bodySha256]).toEqual([path, sha256(bodyOf("tiny"))]);
        expect(seen.headers["content-length"]).toBe(String(bodyOf("tiny").length));
        expect([answer.status, answer.end, answer.bytes.equals(direct.bytes)]).toEqual([
          200,
          "complete",
          true,
        ]);
        const told = [direct, answer].map(({ headers }) => headers["x-coordinator-model"]);
        expect(told).toEqual([undefined, "tiny"]);
      }
      const { url } = fleet.host;
      const list = await ask({ url, key: fleet.key, method: "GET", path: "/v1/models/gpt-4o" }).answer;
      expect([list.status, JSON.parse(list.text)]).toMatchObject([200, { id: "gpt-4o" }]);
    });

    test("7 MB with the model at the very end arrive as they are; 9 MB are told to begin with it", async () => {
      const body = images(7 * MIB, "last");
      expect((await send("/api/chat", { body }).answer).status).toBe(200);
      expect((await arrived("/api/chat")).bodySha256).toBe(sha256(body));
      const refused = await send("/api/chat", { body: images(9 * MIB, "last") }).answer;
      expect(refused.status).toBe(503);
      expect(refused.headers["x-coordinator-error"]).toBe("overloaded");
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
      expect(JSON.parse(refused.text)).toMatchObject({ error: expect.stringContaining("model") });
    });
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A chat with one large image; the model stands before it or behind it. */
function images(size: number, model: "first" | "last"): Buffer {
  const name = '"model":"tiny"';
  const start = `{${model === "first" ? `${name},` : ""}"stream":false,"messages":[{"role":"user","content":"hi","images":["`;
  const end = `"]}]${model === "last" ? `,${name}` : ""}}`;
  const body = Buffer.alloc(size, "QUJDREVGRw0KGgo/");
  body.write(start);
  body.write(end, size - end.length);
  return body;
}

function* piecesOf(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
