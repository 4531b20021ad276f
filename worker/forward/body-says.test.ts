import { beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../coordinator/api.ts";
import { decodeCall, encodeCall } from "../edge/wire.ts";
import type { ForwardedCall } from "../host.ts";
import { KEEP, MemoryBudget } from "./memory-budget.ts";
import { type Sent, withRetries } from "./with-retries.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const KIB = 1024;

let budget: MemoryBudget;

beforeEach(() => {
  budget = new MemoryBudget();
  return () => expect(budget.used).toBe(0);
});

interface Ran {
  result: { kind: string };
  /** What was sent at the first try, and how many pieces had been read by then. */
  call: Call | undefined;
  readBefore: number;
  whole: boolean;
  /** What each try was told the body says. */
  told: object[];
  /** What each try read of the body. */
  bodies: string[];
}

/** Runs a request whose body comes in `pieces`; the declared length is theirs, unless `over` says otherwise. */
async function run(
  pieces: readonly (string | Uint8Array | Error)[],
  over: Partial<ForwardedCall> = {},
  { encoding = "", attempts = 1 } = {},
): Promise<Ran> {
  const all = pieces.map((piece) => (typeof piece === "string" ? bytes(piece) : piece));
  const length = all.reduce((sum, piece) => sum + (piece instanceof Error ? 1 : piece.length), 0);
  let read = 0;
  const ran: Ran = {
    result: { kind: "" },
    call: undefined,
    readBefore: -1,
    whole: false,
    told: [],
    bodies: [],
  };
  ran.result = await withRetries<string>({
    call: {
      id: "r",
      caller: { kind: "key", key_id: "k1", by_path: false },
      method: "POST",
      endpoint: "/api/chat",
      class: "infer",
      dialect: "native",
      since: undefined,
      path: "/api/chat",
      agent: undefined,
      headers: [],
      contentLength: length,
      modelIn: "json",
      ...over,
    },
    source: {
      read: () => {
        const piece = all[read++];
        return piece instanceof Error ? Promise.reject(piece) : (piece ?? null);
      },
      cancel: () => {},
    },
    contentType: "application/json",
    contentEncoding: encoding,
    budget,
    mayCall: async () => ({ ok: true, value: null }),
    send: async (call, body, _begun, whole): Promise<Sent<string>> => {
      if (ran.call === undefined) {
        ran.readBefore = read;
        ran.whole = whole !== undefined;
      }
      ran.call ??= call;
      ran.told.push(said({ call }));
      let text = "";
      for (let chunk = await body?.read(); chunk; chunk = await body?.read())
        text += new TextDecoder().decode(chunk);
      ran.bodies.push(text);
      return ran.bodies.length < attempts
        ? { kind: "lost", code: "agent_lost", message: "lost" }
        : { kind: "answered", answer: "yes" };
    },
  });
  return ran;
}

const said = ({ call }: Pick<Ran, "call">): object => {
  const { numCtx, stream, prefixes, remember } = call ?? {};
  return { numCtx, stream, prefixes: prefixes?.length, remember: remember?.length };
};

const turn = (role: string): object => ({ role, content: "x".repeat(1_200) });
const messages = JSON.stringify([turn("user"), turn("assistant"), turn("user")]);

describe("a small body", () => {
  const pieces = [
    '{"model":"m",',
    `"messages":${messages}`,
    ',"options":{"num_ctx":4096},"stream":false',
    "}\n",
  ];

  test("is read to its end before it is sent, and what it says goes along with every try", async () => {
    const ran = await run(pieces, {}, { attempts: 3 });
    expect(said(ran)).toEqual({ numCtx: 4_096, stream: false, prefixes: 3, remember: 2 });
    expect(ran.told).toEqual(Array(3).fill(said(ran)));
    expect([ran.readBefore, ran.whole]).toEqual([4, true]);
    expect(ran.bodies).toEqual(Array(3).fill(pieces.join("")));
  });

  test("that the budget has no room for is sent as it comes, whole, with what was seen of it", async () => {
    const tight = new MemoryBudget(40);
    budget = tight;
    const ran = await run(pieces);
    expect([ran.result.kind, ran.bodies, ran.readBefore]).toEqual(["answered", [pieces.join("")], 1]);
    expect(said(ran)).toEqual({
      numCtx: undefined,
      stream: undefined,
      prefixes: undefined,
      remember: undefined,
    });
  });

  test("whose client stops in the middle is sent nowhere", async () => {
    const ran = await run(['{"model":"m"', new Error("the client stopped sending")]);
    expect([ran.result, ran.bodies]).toEqual([{ kind: "gone" }, []]);
  });

  test("is any up to 64 KiB", async () => {
    const head = '{"model":"m","x":"';
    const filled = (length: number): string[] => [head, `${"x".repeat(length - head.length - 2)}"}`];
    expect(await run(filled(64 * KIB))).toMatchObject({ readBefore: 2, call: { stream: true } });
    expect(await run(filled(64 * KIB + 1))).toMatchObject({ readBefore: 1 });
  });
});

describe("a body that is large, or says no length, waits for nothing", () => {
  test.each([-1, 64 * KIB + 1, 2 * KEEP.request])(
    "declared %d: only what was read already is looked at",
    async (contentLength) => {
      const pieces = [`{"options":{"num_ctx":7},"messages":${messages},`, '"model":"m"', ',"stream":false}'];
      const ran = await run(pieces, { contentLength });
      expect(said(ran)).toEqual({ numCtx: 7, stream: undefined, prefixes: 3, remember: 2 });
      expect([ran.readBefore, ran.bodies]).toEqual([2, [pieces.join("")]]);
    },
  );

  test("what came in one piece is seen, whatever was declared", async () => {
    expect((await run(['{"model":"m","stream":false}'], { contentLength: -1 })).call?.stream).toBe(false);
  });
});

describe("what is looked for depends on the route", () => {
  const json = `{"model":"m","messages":${messages},"input":${messages},"options":{"num_ctx":7}}`;
  const none = { numCtx: undefined, stream: undefined, prefixes: undefined, remember: undefined };

  test.each<[string, object]>([
    ["/api/chat", { numCtx: 7, stream: true, prefixes: 3, remember: 2 }],
    ["/api/generate", { numCtx: 7, stream: true }],
    ["/api/embed", { numCtx: 7 }],
    ["/api/embeddings", { numCtx: 7 }],
    ["/v1/chat/completions", { stream: false, prefixes: 3, remember: 2 }],
    ["/v1/responses", { stream: false, prefixes: 3, remember: 2 }],
    ["/v1/messages", { stream: false, prefixes: 3, remember: 2 }],
    ["/v1/completions", { stream: false }],
    ["/v1/embeddings", {}],
  ])("%s", async (endpoint, expected) => {
    expect(said(await run([json], { endpoint }))).toEqual({ ...none, ...expected });
  });

  test("nothing is read on for a route of which nothing is wanted, or of bytes that are not JSON as they stand", async () => {
    const pieces = ['{"model":"m"', ',"stream":true}'];
    for (const [over, encoding] of [
      [{ endpoint: "/api/show", class: "show" }, ""],
      [{ endpoint: "/api/pull", class: "manage" }, ""],
      [{ endpoint: "/v1/embeddings" }, ""],
      [{}, "gzip"],
    ] as const) {
      const ran = await run(pieces, over, { encoding });
      expect([ran.readBefore, said(ran)]).toEqual([1, none]);
    }
    expect(await run(pieces, {}, { encoding: " Identity" })).toMatchObject({
      readBefore: 2,
      call: { stream: true },
    });
  });
});

test("two keys, and two models, have no conversation in common", async () => {
  const hashes = async (model: string, caller: Call["caller"]): Promise<string[]> =>
    (await run([`{"model":"${model}","messages":${messages}}`], { caller })).call?.prefixes ?? [];
  const key = (key_id: string): Call["caller"] => ({ kind: "key", key_id, by_path: false });
  const all = [
    ...(await hashes("m", key("k1"))),
    ...(await hashes("m", key("k2"))),
    ...(await hashes("n", key("k1"))),
    ...(await hashes("m", { kind: "admin" })),
  ];
  expect(new Set(all).size).toBe(12);
  expect(await hashes("m", { kind: "key", key_id: "k1", by_path: true })).toEqual(all.slice(0, 3));
});

describe("who wants to hear of its place in the line", () => {
  const asks: Partial<ForwardedCall> = {
    endpoint: "/v1/chat/completions",
    dialect: "openai",
    queueEvents: true,
  };
  const filler = "x".repeat(40 * KIB);

  test.each([-1, 100 * KIB, 2 * KEEP.request])(
    "declared %d: is read until it is known whether there will be a stream, and no further",
    async (contentLength) => {
      const pieces = ['{"model":"m","x":"', filler, filler, '","stream":true,', '"y":"', '"}'];
      const ran = await run(pieces, { ...asks, contentLength });
      expect([ran.readBefore, ran.call?.stream, ran.call?.queueEvents]).toEqual([4, true, true]);
      expect(ran.bodies).toEqual([pieces.join("")]);
    },
  );

  test("is read to its end when it does not say", async () => {
    const pieces = ['{"model":"m","x":"', filler, filler, '"}'];
    expect((await run(pieces, { ...asks, contentLength: -1 })).call?.stream).toBe(false);
    expect((await run(['{"model":"m"'], { ...asks, contentLength: -1 })).call?.stream).toBeUndefined();
  });

  test("is sent whole all the same when no more of it can be kept", async () => {
    const pieces = ['{"model":"m","x":"', filler, filler, '","stream":true}'];
    for (const contentLength of [-1, 100 * KIB, 2 * KEEP.request]) {
      budget = new MemoryBudget(90 * KIB);
      const ran = await run(pieces, { ...asks, contentLength });
      expect([ran.readBefore, ran.call?.stream, ran.bodies]).toEqual([1, undefined, [pieces.join("")]]);
      expect(budget.used).toBe(0);
    }
    budget = new MemoryBudget();
    const mebibyte = "x".repeat(KIB * KIB);
    const long = ['{"model":"m","x":"', ...Array<string>(12).fill(mebibyte), '","stream":true}'];
    const ran = await run(long, { ...asks, contentLength: -1 });
    expect([ran.call?.stream, ran.bodies[0]?.length]).toEqual([undefined, long.join("").length]);
    expect(ran.readBefore).toBeLessThan(9);
  });

  test("in a piece larger than any that a platform hands out is refused, not cut", async () => {
    const pieces = ['{"model":"m","x":"', new Uint8Array(KEEP.request).fill(65)];
    const ran = await run(pieces, { ...asks, contentLength: -1 });
    expect([ran.result, ran.bodies]).toMatchObject([{ kind: "refused", code: "overloaded" }, []]);
  });
});

test("what a body says crosses from the edge to the object", async () => {
  const { call } = await run([`{"model":"m","messages":${messages},"options":{"num_ctx":7}}`]);
  if (call === undefined) throw new Error("was not sent");
  expect(decodeCall(encodeCall(call))).toEqual(call);
});
