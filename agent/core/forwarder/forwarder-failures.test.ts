import type { RequestListener } from "node:http";
import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Bench } from "../../testing/agent-bench.ts";

let bench: Bench | undefined;
afterEach(() => bench?.close());

async function open(answer: RequestListener): Promise<Bench> {
  bench = await Bench.open(answer);
  await bench.online();
  return bench;
}

test("an Ollama that is away is unreachable, and the agent says why", async () => {
  const { coordinator, events, ollama } = await open((_request, response) => response.end());
  await ollama.close();
  expect(await coordinator.ask("POST", "/api/chat", "{}")).toMatchObject({ failed: "ollama_unreachable" });
  const failed = await events.find((event) => (event.type === "request_failed" ? event : undefined));
  expect(failed.reason).toContain("ECONNREFUSED");
  await coordinator.journal.find((event) =>
    event.type === "state" && event.state.ollama === "absent" ? true : undefined,
  );
});

test("an Ollama that closes before a byte is unreachable; in mid-answer the bytes so far come, then the cut", async () => {
  const { coordinator } = await open((request, response) => {
    request.resume();
    if (request.url === "/api/chat") request.socket.destroy();
    else {
      response.write("part");
      setImmediate(() => response.socket?.destroy());
    }
  });
  expect(await coordinator.ask("POST", "/api/chat", "{}")).toMatchObject({
    head: undefined,
    failed: "ollama_unreachable",
  });
  const cut = await coordinator.ask("POST", "/api/generate", "{}");
  expect(cut.failed).toBe("ollama_cut");
  expect(cut.body.toString()).toBe("part");
});

test("an Ollama that stays silent times out, before its first byte and between two", async () => {
  bench = await Bench.open((request, response) => {
    request.resume();
    if (request.url === "/api/generate") response.write("part");
  });
  bench.coordinator.welcome = { first_byte_ms: 30, idle_ms: 40 };
  await bench.online();
  const { coordinator, events } = bench;
  expect(await coordinator.ask("POST", "/api/chat", "{}")).toMatchObject({
    head: undefined,
    failed: "ollama_timeout",
  });
  const fellSilent = await coordinator.ask("POST", "/api/generate", "{}");
  expect(fellSilent.failed).toBe("ollama_timeout");
  expect(fellSilent.body.toString()).toBe("part");
  expect(events.entries.flatMap((event) => (event.type === "request_failed" ? [event.reason] : []))).toEqual([
    "no answer within 30 ms",
    "silent for 40 ms",
  ]);
});

test("a kept connection that Ollama closed meanwhile is no failure: a small request is sent again, once", async () => {
  const sockets: Socket[] = [];
  let chats = 0;
  // Answers the first request on each connection and breaks the connection at the second.
  const server = createServer((socket) => {
    sockets.push(socket);
    let served = false;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (bytes.includes("POST /api/chat")) chats++;
      else if (!bytes.includes(" HTTP/1.1")) return;
      if (served) {
        socket.resetAndDestroy();
        return;
      }
      served = true;
      const body = bytes.includes("/api/version") ? '{"version":"1"}' : '{"models":[]}';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  bench = await Bench.open();
  await bench.online({ ollamaUrl: `http://127.0.0.1:${address.port}` });
  for (const sent of [1, 3]) {
    const answer = await bench.coordinator.ask("POST", "/api/chat", "{}");
    expect(answer).toMatchObject({ head: { status: 200 }, failed: undefined });
    expect(chats).toBe(sent);
  }
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("after many requests of every ending nothing is left running", async () => {
  const { coordinator, events } = await open((request, response) => {
    request.resume();
    const way = Number(request.url?.split("?")[1]);
    if (way === 0) response.end("done");
    else if (way === 1) request.socket.destroy();
    else {
      response.write("part");
      setImmediate(() => response.destroy());
    }
  });
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => coordinator.ask("POST", `/api/chat?${index % 3}`, "{}")),
  );
  expect(answers.filter((answer) => answer.failed === undefined)).toHaveLength(20);
  expect(answers.filter((answer) => answer.failed === "ollama_unreachable")).toHaveLength(20);
  expect(answers.filter((answer) => answer.failed === "ollama_cut")).toHaveLength(20);
  expect(events.entries.filter((event) => event.type === "request_failed")).toHaveLength(40);
});
