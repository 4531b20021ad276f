import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type StandInOllama, startStandIn } from "../../../test/support/ollama/stand-in.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { httpServer, type TestServer } from "../../testing/http-server.ts";
import { Journal } from "../../testing/journal.ts";
import type { Progress } from "../progress.ts";
import { PULL_RETRY_MS, pullModel } from "./pull.ts";
import { PullError } from "./pull-error.ts";

type Told = { progress: Progress | null; problem: string | null };

let clock: FakeClock;
let told: Journal<Told>;
let abort: AbortController;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  clock = new FakeClock();
  told = new Journal();
  abort = new AbortController();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  expect(clock.pending).toEqual([]);
});

function pull(ollamaUrl: string, model = "new"): Promise<void> {
  return pullModel(
    { ollamaUrl, model },
    {
      clock,
      signal: abort.signal,
      observe: (progress, problem) => told.push({ progress, problem }),
    },
  );
}

/** The error of a pull that is to fail. */
async function failure(pulling: Promise<void>): Promise<PullError> {
  const error = await pulling.then(
    () => new Error("it was pulled"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PullError)) throw error;
  expect(error.message).not.toContain("\n");
  return error;
}

/** An Ollama of which each attempt is answered by the next of `answers`, then by the last again. */
async function ollama(
  ...answers: ((response: ServerResponse) => void)[]
): Promise<TestServer & { asked: string[] }> {
  const asked: string[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push(`${request.method} ${request.url} ${body}`);
    answers[Math.min(asked.length, answers.length) - 1]?.(response);
  };
  const server = await httpServer(listener);
  closing.push(() => server.close());
  return { ...server, asked };
}

const line = (fields: object): string => `${JSON.stringify(fields)}\n`;
const layer = (digest: string, total: number, completed?: number): string =>
  line({ status: `pulling ${digest}`, digest, total, completed });
const says =
  (...lines: string[]) =>
  (response: ServerResponse): void =>
    void response.end(lines.join(""));
const SUCCESS = line({ status: "success" });

/** Passes each wait for a further attempt; what they were. */
async function passWaits(): Promise<number[]> {
  const waits: number[] = [];
  for (const wait of PULL_RETRY_MS) {
    await told.count(({ problem }) => problem !== null, waits.length + 1);
    await clock.timer(wait);
    waits.push(wait);
    clock.advance(wait);
  }
  return waits;
}

describe("with the stand-in for Ollama", () => {
  let standIn: StandInOllama;
  beforeEach(async () => {
    standIn = await startStandIn();
    closing.push(() => standIn.close());
  });

  test("a model is pulled, and its whole size was downloaded", async () => {
    await pull(standIn.url);
    expect(standIn.models()).toContain("new:latest");
    const last = told.entries.at(-1);
    expect(last?.problem).toBeNull();
    expect(last?.progress?.done_bytes).toBe(last?.progress?.total_bytes);
    expect(last?.progress?.done_bytes).toBeGreaterThan(0);
  });

  test("one that the registry does not have is refused at once, with what to do", async () => {
    const error = await failure(pull(standIn.url, "missing"));
    expect(error.failure).toBe("refused");
    expect(error.message).toBe(
      "cannot pull missing (pull model manifest: file does not exist): check the model's name and tag",
    );
    expect(standIn.seen).toHaveLength(1);
  });

  test("a name that cannot be one is refused at once", async () => {
    expect((await failure(pull(standIn.url, "a b"))).failure).toBe("refused");
    expect(standIn.seen).toHaveLength(1);
  });

  test("a connection that is lost in the middle is taken up again after a second", async () => {
    standIn.misbehave({ kind: "cut", afterBytes: 200 }, { path: "/api/pull" });
    const pulling = pull(standIn.url);
    const { problem } = await told.find((entry) => (entry.problem === null ? undefined : entry));
    expect(problem).toMatch(
      /^the connection to http:\/\/127\.0\.0\.1:\d+ failed: ECONNRESET; trying again in 1 s$/,
    );
    await clock.timer(1_000);
    clock.advance(1_000);
    await pulling;
    expect(standIn.seen).toHaveLength(2);
    expect(standIn.models()).toContain("new:latest");
  });

  test("an Ollama that goes away for good is given up after five further attempts", async () => {
    await standIn.close();
    const pulling = failure(pull(standIn.url));
    expect(await passWaits()).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    const error = await pulling;
    expect(error.failure).toBe("lost");
    expect(error.message).toMatch(/ECONNREFUSED; tried 6 times\): check that Ollama runs/);
  });

  test("who cancels ends the pull in Ollama, too", async () => {
    const release = standIn.hang();
    const pulling = failure(pull(standIn.url));
    await standIn.waitFor(({ url }) => url === "/api/pull");
    abort.abort();
    expect((await pulling).failure).toBe("cancelled");
    await standIn.waitFor(({ url, state }) => url === "/api/pull" && state === "aborted");
    release();
  });
});

describe("progress", () => {
  test("is the sum of all layers, whose total grows as Ollama tells of them", async () => {
    let answer: ServerResponse | undefined;
    const server = await ollama((response) => {
      answer = response;
      response.write(line({ status: "pulling manifest" }));
    });
    const pulling = pull(server.url);
    const next = async (ms: number, ...lines: string[]): Promise<Progress | null | undefined> => {
      const before = told.entries.length;
      clock.advance(ms);
      answer?.write(lines.join(""));
      await told.count(() => true, before + 1);
      return told.entries.at(-1)?.progress;
    };
    await told.count(() => true, 1);
    expect(told.entries[0]).toEqual({ progress: null, problem: null });
    // 400 were there from an earlier pull: they are done, and no measure of the speed.
    expect(await next(500, layer("a", 1_000, 400))).toMatchObject({
      done_bytes: 400,
      bytes_per_s: null,
      eta_s: null,
    });
    expect(await next(500, layer("a", 1_000, 500))).toMatchObject({ done_bytes: 500, bytes_per_s: null });
    expect(await next(500, layer("a", 1_000, 600))).toEqual({
      done_bytes: 600,
      total_bytes: 1_000,
      bytes_per_s: 200,
      eta_s: 2,
    });
    // A layer that is there already has but one line.
    expect(await next(500, layer("b", 50, 50))).toMatchObject({ done_bytes: 650, total_bytes: 1_050 });
    expect(await next(500, layer("c", 10))).toMatchObject({ done_bytes: 650, total_bytes: 1_060 });
    answer?.end(SUCCESS);
    await pulling;
    expect(server.asked).toEqual(['POST /api/pull {"model":"new","stream":true}']);
  });

  test("is told at most four times a second, and at the end", async () => {
    const many = Array.from({ length: 100 }, (_, index) => layer("a", 100, index + 1));
    const server = await ollama(says(...many, SUCCESS));
    await pull(server.url);
    expect(told.entries.map(({ progress }) => progress?.done_bytes)).toEqual([1, 100]);
  });

  test("lines are put together wherever the network has cut them", async () => {
    const text = layer("å", 7, 3) + SUCCESS.trimEnd();
    const server = await ollama(async (response) => {
      for (const byte of Buffer.from(text)) {
        await new Promise<void>((resolve) => response.write(Buffer.of(byte), () => resolve()));
      }
      response.end();
    });
    await pull(server.url);
    expect(told.entries.at(-1)?.progress).toMatchObject({ done_bytes: 3, total_bytes: 7 });
  });

  test("after an interruption what was there before does not count as speed", async () => {
    const server = await ollama(
      says(layer("a", 1_000, 100)),
      says(layer("a", 1_000, 900), layer("a", 1_000, 1_000), SUCCESS),
    );
    const pulling = pull(server.url);
    await clock.timer(1_000);
    clock.advance(1_000);
    await pulling;
    expect(told.entries.at(-1)?.progress).toEqual({
      done_bytes: 1_000,
      total_bytes: 1_000,
      bytes_per_s: null,
      eta_s: null,
    });
  });
});

describe("only `success` is success:", () => {
  test("an answer that ends without it is tried again", async () => {
    const server = await ollama(says(layer("a", 1, 1), line({ status: "writing manifest" })), says(SUCCESS));
    const pulling = pull(server.url);
    await clock.timer(1_000);
    expect(told.entries.at(-1)?.problem).toContain("ended the pull without a word");
    clock.advance(1_000);
    await pulling;
  });

  test("what comes after it is not listened to", async () => {
    const server = await ollama(says(layer("a", 2, 2), SUCCESS, layer("b", 9, 1)));
    await pull(server.url);
    expect(told.entries.at(-1)?.progress).toMatchObject({ done_bytes: 2, total_bytes: 2 });
  });

  test("an answer of something else than Ollama is no success, however long its lines are", async () => {
    const server = await ollama(says("<html>".repeat(100_000)));
    const pulling = failure(pull(server.url));
    await passWaits();
    expect((await pulling).failure).toBe("lost");
  });
});

describe("an error in Ollama's words", () => {
  test.each([
    "pull model manifest: file does not exist",
    "pull model manifest: 412: The model you are pulling requires a newer version of Ollama.",
    "max retries exceeded: write /models/blobs/x-partial: no space left on device",
    'pull model manifest: Get "https://r.example/v2/x": tls: failed to verify certificate',
    "something nobody has thought of",
  ])("is final: %s", async (error) => {
    const server = await ollama(says(line({ status: "pulling manifest" }), line({ error }), SUCCESS));
    const failed = await failure(pull(server.url));
    expect(failed.failure).toBe("refused");
    expect(failed.message).toContain(error);
    expect(server.asked).toHaveLength(1);
  });

  test.each([
    'pull model manifest: Get "https://r.example/v2/x": dial tcp: lookup r.example: no such host',
    "dial tcp 192.0.2.1:443: i/o timeout",
    "max retries exceeded: unexpected EOF",
    "pull model manifest: 503: Service Unavailable",
    "digest mismatch, file must be downloaded again: want a, got b",
  ])("may pass: %s", async (error) => {
    const server = await ollama(says(line({ error })), says(SUCCESS));
    const pulling = pull(server.url);
    await clock.timer(1_000);
    expect(told.entries.at(-1)?.problem).toBe(`${error}; trying again in 1 s`);
    clock.advance(1_000);
    await pulling;
  });

  test("with a status of its own: a server's fault may pass, the question's does not", async () => {
    const server = await ollama(
      (response) => void response.writeHead(503).end("busy"),
      (response) => void response.writeHead(400).end('{"error":"invalid model name"}'),
    );
    const pulling = failure(pull(server.url));
    await clock.timer(1_000);
    clock.advance(1_000);
    expect((await pulling).message).toContain("(invalid model name)");
    expect(server.asked).toHaveLength(2);
  });
});

describe("silence", () => {
  test("of a minute is a hang, and the next attempt is on a new connection", async () => {
    const server = await ollama((response) => void response.write(layer("a", 9, 1)), says(SUCCESS));
    const pulling = pull(server.url);
    await told.count(() => true, 1);
    clock.advance(59_999);
    expect(told.entries).toHaveLength(1);
    clock.advance(1);
    await clock.timer(1_000);
    expect(told.entries.at(-1)?.problem).toBe("Ollama says nothing for 60 s; trying again in 1 s");
    clock.advance(1_000);
    await pulling;
  });

  test("while a large download is checked is none", async () => {
    let answer: ServerResponse | undefined;
    const server = await ollama((response) => {
      answer = response;
      response.write(line({ status: "verifying sha256 digest" }));
    });
    const pulling = pull(server.url);
    await told.count(() => true, 1);
    clock.advance(10 * 60_000);
    answer?.end(SUCCESS);
    await pulling;
    expect(told.entries.every(({ problem }) => problem === null)).toBe(true);
  });
});

test("who cancels between two attempts waits no longer", async () => {
  const server = await ollama((response) => void response.destroy());
  const pulling = failure(pull(server.url));
  await clock.timer(1_000);
  abort.abort();
  expect((await pulling).failure).toBe("cancelled");
  expect(server.asked).toHaveLength(1);
});

test("who has cancelled already asks for nothing", async () => {
  const server = await ollama(says(SUCCESS));
  abort.abort();
  expect((await failure(pull(server.url))).message).toBe("the pull of new was cancelled");
  expect(server.asked).toEqual([]);
});
