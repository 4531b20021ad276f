import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { Bench } from "../../testing/agent-bench.ts";
import type { FakeCoordinator } from "../../testing/fake-coordinator.ts";

let bench: Bench | undefined;
afterEach(() => bench?.close());

async function open(answer: RequestListener, ...options: Parameters<Bench["online"]>): Promise<Bench> {
  bench = await Bench.open(answer);
  await bench.online(...options);
  return bench;
}

/** A promise and what resolves it. */
function gate<T = void>(): { open: (value: T) => void; opened: Promise<T> } {
  const { resolve, promise } = Promise.withResolvers<T>();
  return { open: resolve, opened: promise };
}

const firstData = (coordinator: FakeCoordinator) =>
  coordinator.journal.find((event) => (event.type === "data" ? event.bytes : undefined));

test("Ollama gets method, path, query and body as they came, with a clean set of headers", async () => {
  const seen = gate<{ request: IncomingMessage; body: Buffer }>();
  const { coordinator, ollama } = await open(async (request, response) => {
    seen.open({ request, body: await buffer(request) });
    response.end();
  });
  const body = randomBytes(5_000);
  await coordinator.ask("POST", "/v1/messages?beta=true", body, {
    headers: [
      ["content-type", "application/json"],
      ["authorization", "Bearer secret"],
      ["origin", "https://evil.example"],
      ["cookie", "a=b"],
    ],
  });
  const { request, body: got } = await seen.opened;
  expect(request.method).toBe("POST");
  expect(request.url).toBe("/v1/messages?beta=true");
  expect(request.headers).toEqual({
    host: new URL(ollama.url).host,
    "content-type": "application/json",
    "content-length": "5000",
    connection: "keep-alive",
  });
  expect(got.equals(body)).toBe(true);
});

test("status, allowed headers and every byte of the answer come back, errors too", async () => {
  const { coordinator } = await open((request, response) => {
    request.resume();
    response.writeHead(404, { "content-type": "application/json", "set-cookie": "a=b", "x-y": "z" });
    response.end('{"error":"model not found"}');
  });
  const answer = await coordinator.ask("POST", "/api/chat", "{}");
  expect(answer.head?.status).toBe(404);
  expect(answer.head?.headers).toEqual([["content-type", "application/json"]]);
  expect(answer.body.toString()).toBe('{"error":"model not found"}');
  expect(answer.end).toBeUndefined();
});

test("bytes come as Ollama writes them: the first before the second is written", async () => {
  const seen = gate();
  const { coordinator } = await open((request, response) => {
    request.resume();
    response.write("one");
    void seen.opened.then(() => response.end("two"));
  });
  const answer = coordinator.ask("POST", "/api/generate", "{}");
  expect((await firstData(coordinator)).toString()).toBe("one");
  seen.open();
  expect((await answer).body.toString()).toBe("onetwo");
});

test("a large upload and a large answer arrive whole, whether their length is known or not", async () => {
  const { coordinator } = await open(
    (request, response) => {
      request.pipe(response);
    },
    { allowManage: true },
  );
  const body = randomBytes(3_000_000);
  for (const content_length of [body.length, -1]) {
    const answer = await coordinator.ask("POST", "/api/blobs/sha256:0", body, { content_length });
    expect(answer.failed).toBeUndefined();
    expect(createHash("sha256").update(answer.body).digest("hex")).toBe(
      createHash("sha256").update(body).digest("hex"),
    );
  }
});

test("DELETE carries its body, HEAD answers have none", async () => {
  const { coordinator } = await open(
    async (request, response) => {
      const body = await buffer(request);
      response.end(`${request.method} ${body}`);
    },
    { allowManage: true },
  );
  expect((await coordinator.ask("DELETE", "/api/delete", "{}")).body.toString()).toBe("DELETE {}");
  expect((await coordinator.ask("DELETE", "/api/delete", "{}", { content_length: -1 })).body.toString()).toBe(
    "DELETE {}",
  );
  const head = await coordinator.ask("HEAD", "/api/blobs/sha256:0");
  expect(head.head?.status).toBe(200);
  expect(head.body).toHaveLength(0);
});

test("what an agent does not forward is refused without asking Ollama", async () => {
  const asked: string[] = [];
  const { coordinator, events } = await open((request, response) => {
    asked.push(request.url ?? "");
    response.end();
  });
  expect(await coordinator.ask("POST", "/api/push", "{}")).toMatchObject({ failed: "route_refused" });
  expect(await coordinator.ask("POST", "/api/pull", "{}")).toMatchObject({ failed: "owner_refused" });
  expect(asked).toEqual([]);
  expect(events.entries.filter((event) => event.type === "refused")).toMatchObject([
    { path: "/api/push", code: "route_refused" },
    { path: "/api/pull", code: "owner_refused" },
  ]);
});

test("a body longer or shorter than it declared never becomes a second request at Ollama", async () => {
  const urls: string[] = [];
  const { coordinator } = await open(async (request, response) => {
    urls.push(request.url ?? "");
    await buffer(request).catch(() => {});
    response.end();
  });
  const smuggled = Buffer.concat([
    Buffer.alloc(70_000, " "),
    Buffer.from("DELETE /api/delete HTTP/1.1\r\n\r\n"),
  ]);
  expect(await coordinator.ask("POST", "/api/chat", smuggled, { content_length: 70_000 })).toMatchObject({
    failed: "limit",
  });
  expect(await coordinator.ask("POST", "/api/chat", "x", { content_length: 0 })).toMatchObject({
    failed: "limit",
  });
  expect(
    await coordinator.ask("POST", "/api/chat", Buffer.alloc(80_000), { content_length: 90_000 }),
  ).toMatchObject({ failed: "limit" });
  expect(urls.every((url) => url === "/api/chat")).toBe(true);
});

test("a client that leaves aborts the request at Ollama at once, before the first byte and after it", async () => {
  for (const early of [true, false]) {
    const arrived = gate();
    const aborted = gate();
    const { coordinator } = await open((request, response) => {
      request.resume();
      if (!early) response.write("one");
      response.on("close", () => aborted.open());
      arrived.open();
    });
    const stream = coordinator.open("POST", "/api/generate", { content_length: 2 });
    stream.write(Buffer.from("{}"));
    stream.end();
    await arrived.opened;
    if (!early) await firstData(coordinator);
    stream.reset("cancelled");
    await aborted.opened;
    await bench?.close();
  }
});

test("a slow client stops Ollama instead of filling the agent, and loses nothing", async () => {
  const total = 8_000_000;
  let written = 0;
  const chunk = Buffer.alloc(50_000, "x");
  const stalled = gate();
  const { coordinator } = await open((request, response) => {
    request.resume();
    if (request.url === "/api/chat") {
      response.end("ok");
      return;
    }
    const pump = (): void => {
      while (written < total) {
        written += chunk.length;
        if (!response.write(chunk)) {
          response.once("drain", pump);
          return;
        }
      }
      response.end();
    };
    pump();
    stalled.open();
  });
  coordinator.consumes = false;
  const stream = coordinator.open("POST", "/api/generate", { content_length: 0 });
  stream.end();
  await stalled.opened;
  // The window is 64 KiB: when that much has come, nothing more may.
  const received = () =>
    coordinator.journal.entries.reduce(
      (sum, event) => sum + (event.type === "data" ? event.bytes.length : 0),
      0,
    );
  await coordinator.journal.find(() => (received() >= 64 * 1024 ? true : undefined));
  expect(received()).toBe(64 * 1024);
  // Many turns of the agent's loop, in which it would read on if it did.
  for (let turn = 0; turn < 50; turn++) await coordinator.ask("POST", "/api/chat", "{}");
  expect(written).toBeLessThan(total);
  coordinator.consumes = true;
  stream.consume(64 * 1024);
  expect((await coordinator.answer(stream)).body).toHaveLength(total);
});

test("when the answer of a pull ends, the coordinator already knows the new model", async () => {
  const models = ["tiny:latest"];
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    asked.push(request.url ?? "");
    if (request.url === "/api/version") response.end('{"version":"0.33.0"}');
    else if (request.url === "/api/ps") response.end('{"models":[]}');
    else if (request.url === "/api/tags")
      response.end(JSON.stringify({ models: models.map((name) => ({ name })) }));
    else {
      models.push("new:latest");
      response.end('{"status":"success"}\n');
    }
  };
  bench = await Bench.open();
  bench.ollama.server.removeAllListeners("request");
  bench.ollama.server.on("request", answer);
  await bench.online({ allowManage: true });
  const { coordinator } = bench;
  await coordinator.ask("POST", "/api/pull", '{"model":"new"}');
  const order = coordinator.journal.entries.flatMap((event) =>
    event.type === "end" || (event.type === "state" && event.state.models !== undefined) ? [event] : [],
  );
  expect(order).toMatchObject([
    { type: "state", state: { models: [{ name: "tiny:latest" }, { name: "new:latest" }] } },
    { type: "end" },
  ]);
});
