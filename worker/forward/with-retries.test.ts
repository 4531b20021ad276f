import { beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../coordinator/api.ts";
import type { ByteSource } from "../coordinator/client-side.ts";
import type { ForwardedCall } from "../host.ts";
import { KEEP, MemoryBudget } from "./memory-budget.ts";
import type { ReplayAttempt } from "./replay-body.ts";
import { type Sent, withRetries } from "./with-retries.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let budget: MemoryBudget;

beforeEach(() => {
  budget = new MemoryBudget();
  return () => expect(budget.used).toBe(0);
});

const call = (over: Partial<ForwardedCall> = {}): ForwardedCall => ({
  id: "r",
  caller: { kind: "admin" },
  method: "POST",
  endpoint: "/api/chat",
  class: "infer",
  dialect: "native",
  since: undefined,
  path: "/api/chat",
  agent: undefined,
  headers: [],
  contentLength: -1,
  modelIn: "json",
  ...over,
});

function sourceOf(...pieces: (Uint8Array | Error)[]): ByteSource {
  let next = 0;
  return {
    read: () => {
      const piece = pieces[next++];
      if (piece instanceof Error) return Promise.reject(piece);
      return piece ?? null;
    },
    cancel: () => {},
  };
}

interface Try {
  call: Call;
  body: string;
}

type Answers = (
  attempt: number,
  begun: () => void,
  body: ReplayAttempt | null,
) => Sent<string> | Promise<Sent<string>>;

async function run(
  answers: Answers,
  options: {
    call?: Partial<ForwardedCall>;
    source?: ByteSource | null;
    reads?: boolean;
    allowed?: boolean;
  } = {},
) {
  const tries: Try[] = [];
  const result = await withRetries<string>({
    call: call(options.call),
    source: options.source === undefined ? sourceOf(bytes('{"model":"m",'), bytes('"x":1}')) : options.source,
    contentType: "application/json",
    contentEncoding: "",
    budget,
    mayCall: async () =>
      options.allowed === false
        ? { ok: false, error: { status: 401, code: "unauthorized", message: "who are you" } }
        : { ok: true, value: null },
    send: async (attempt, body, begun) => {
      const one: Try = { call: attempt, body: "" };
      tries.push(one);
      if (options.reads !== false && body !== null) {
        for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) {
          one.body += new TextDecoder().decode(chunk);
        }
      }
      return answers(tries.length, begun, body);
    },
  });
  return { result, tries };
}

const lost = (agentId?: string, number = 1): Sent<string> => ({
  kind: "lost",
  code: "agent_lost",
  message: "lost",
  agentId,
  ticket: { arrived: 7, number },
});

test("an answer at the first try is the answer", async () => {
  const { result, tries } = await run(() => ({ kind: "answered", answer: "yes" }));
  expect(result).toEqual({ kind: "answered", answer: "yes" });
  expect(tries).toMatchObject([
    {
      body: '{"model":"m","x":1}',
      call: { model: "m", attempt: 1, avoid: [], ticket: undefined, mayRetry: true },
    },
  ]);
  expect(tries[0]?.call).not.toHaveProperty("modelIn");
});

test("what was lost is sent again, whole, elsewhere and to its old place; the third try is the last", async () => {
  const { result, tries } = await run((attempt) =>
    attempt < 3 ? lost(`a${attempt}`, attempt) : { kind: "refused", code: "agent_lost", message: "last" },
  );
  expect(result).toMatchObject({ kind: "refused", message: "last" });
  expect(tries.map(({ body }) => body)).toEqual(Array(3).fill('{"model":"m","x":1}'));
  expect(
    tries.map((one) => [one.call.attempt, one.call.avoid, one.call.ticket?.number, one.call.mayRetry]),
  ).toEqual([
    [1, [], undefined, true],
    [2, ["a1"], 1, true],
    [3, ["a1", "a2"], 2, false],
  ]);
  expect(new Set(tries.map((one) => one.call.id)).size).toBe(1);
});

test("an object that is lost with every try does not make it go on for ever", async () => {
  const { result, tries } = await run(() => lost());
  expect(result).toEqual({ kind: "refused", code: "agent_lost", message: "lost" });
  expect(tries).toHaveLength(3);
});

test("administration is never sent twice, whoever was lost", async () => {
  const { result, tries } = await run(() => lost(), { call: { class: "manage", endpoint: "/api/pull" } });
  expect(result).toMatchObject({ kind: "refused", code: "agent_lost" });
  expect(tries.map((one) => one.call.mayRetry)).toEqual([false]);
});

test("a refusal and a client that has left are final", async () => {
  for (const end of [{ kind: "refused", code: "queue_full", message: "x" }, { kind: "gone" }] as const) {
    const { result, tries } = await run(() => end);
    expect([result, tries.length]).toEqual([end, 1]);
  }
});

test("a body too large to keep is sent once, and a loss says why there is no second time", async () => {
  const mebibyte = new Uint8Array(1024 * 1024).fill(32);
  const pieces = Array.from({ length: KEEP.request / mebibyte.length + 1 }, () => mebibyte);
  const { result, tries } = await run(() => lost("a"), {
    source: sourceOf(bytes('{"model":"m"'), ...pieces, bytes("}")),
  });
  expect(result).toMatchObject({ kind: "refused", message: "lost; the body was too large to be sent again" });
  expect(tries).toHaveLength(1);
  expect(tries[0]?.body.length).toBe(pieces.length * mebibyte.length + 13);
});

test("a refusal of the brain's, which saw that the body was too large, says so too; one before that does not", async () => {
  const mebibyte = new Uint8Array(1024 * 1024).fill(32);
  const source = () => sourceOf(bytes('{"model":"m"'), ...Array<Uint8Array>(9).fill(mebibyte), bytes("}"));
  const refusal = { kind: "refused", code: "agent_lost", message: "lost" } as const;
  const replayable: unknown[] = [];
  const { result } = await run(
    (_, _begun, body) => {
      replayable.push(body?.replayable);
      return refusal;
    },
    { source: source() },
  );
  expect(result).toEqual({ ...refusal, message: "lost; the body was too large to be sent again" });
  const early = await run(
    (_, _begun, body) => {
      replayable.push(body?.replayable);
      return refusal;
    },
    { source: source(), reads: false },
  );
  expect(early.result).toEqual(refusal);
  expect(replayable).toEqual([false, true]);
});

test("once an answer has begun its body is not kept, and what nobody has read of it counts until somebody has", async () => {
  let used: number[] = [];
  let left: ReplayAttempt | null = null;
  const { result } = await run(
    async (_, begun, body) => {
      used = [budget.used];
      begun();
      used.push(budget.used);
      left = body;
      return { kind: "answered", answer: "x" };
    },
    { reads: false },
  );
  expect(result.kind).toBe("answered");
  expect([...used, budget.used]).toEqual([13, 13, 13]);
  await (left as ReplayAttempt | null)?.read();
  expect(budget.used).toBe(0);
});

test("of a request that is not answered nothing is left, read or not, though its answer may have begun", async () => {
  await run(
    (_, begun) => {
      begun();
      return { kind: "gone" };
    },
    { reads: false },
  );
  expect(budget.used).toBe(0);
});

describe("nothing is sent", () => {
  const never: Answers = () => {
    throw new Error("was sent");
  };

  test.each([
    ["without a body", null, "bad_request"],
    ["without a model", sourceOf(bytes("{}")), "bad_request"],
    [
      "when the model does not come in time",
      sourceOf(bytes("{"), ...Array(9).fill(new Uint8Array(1024 * 1024))),
      "overloaded",
    ],
  ] as const)("%s", async (_, source, code) => {
    expect((await run(never, { source })).result).toMatchObject({ kind: "refused", code });
  });

  test("and a stranger hears that he is one before what is wrong with his body", async () => {
    expect((await run(never, { source: sourceOf(bytes("{}")), allowed: false })).result).toMatchObject({
      kind: "refused",
      code: "unauthorized",
    });
  });

  test("for a client that stops in the middle of its body", async () => {
    const source = sourceOf(bytes('{"mod'), new Error("the client stopped sending"));
    expect((await run(never, { source })).result).toEqual({ kind: "gone" });
  });
});

test("a client that stops in the middle later on is gone, and not tried again", async () => {
  const source = sourceOf(bytes('{"model":"m"'), new Error("the client stopped sending"));
  let attempts = 0;
  const { result } = await run(
    async (_, _begun, body) => {
      attempts++;
      await body?.read();
      await Promise.resolve(body?.read()).catch(() => {});
      return lost("a");
    },
    { source, reads: false },
  );
  expect([result, attempts]).toEqual([{ kind: "gone" }, 1]);
});

test("where the model stands depends on the route", async () => {
  const named = async (endpoint: string, json: string): Promise<unknown> => {
    const { result, tries } = await run(() => ({ kind: "answered", answer: "" }), {
      call: { endpoint },
      source: sourceOf(bytes(json)),
    });
    return tries[0]?.call.model ?? result;
  };
  expect(await named("/api/copy", '{"source":"s","destination":"d","model":"no"}')).toBe("s");
  expect(await named("/api/show", '{"name":"old"}')).toBe("old");
  expect(await named("/api/delete", '{"name":"old","model":"new"}')).toBe("new");
  expect(await named("/api/chat", '{"name":"old"}')).toMatchObject({ code: "bad_request" });
});

test("where the name stands is told, and of administration not even that", async () => {
  const answers: Answers = () => ({ kind: "answered", answer: "" });
  const infer = await run(answers);
  expect(infer.tries[0]?.call).toMatchObject({ model: "m", modelAt: [[9, 12]] });
  const manage = await run(answers, { call: { class: "manage", endpoint: "/api/pull" } });
  expect([manage.tries[0]?.call.model, manage.tries[0]?.call.modelAt]).toEqual(["m", undefined]);
});

test("a route that names no model reads nothing ahead", async () => {
  let reads = 0;
  const source = { read: () => (reads++ === 0 ? bytes("blob") : null), cancel: () => {} };
  const { tries } = await run(() => ({ kind: "answered", answer: "" }), {
    call: { modelIn: "none", class: "manage", endpoint: "/api/blobs/:digest" },
    source,
    reads: false,
  });
  expect([tries[0]?.call.model, reads]).toEqual([undefined, 0]);
});

test("a surprise is thrown on, and nothing is kept for it", async () => {
  await expect(
    run(() => {
      throw new Error("a bug");
    }),
  ).rejects.toThrow("a bug");
});
