import { createHash, randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Bench } from "../../testing/agent-bench.ts";
import { FakeClock } from "../../testing/fake-clock.ts";

let bench: Bench | undefined;
afterEach(() => bench?.close());

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("an answer and an upload that lose their socket again and again arrive byte for byte", async () => {
  const body = randomBytes(2_000_000);
  bench = await Bench.open((request, response) => {
    request.pipe(response);
  });
  await bench.online({ allowManage: true });
  const { coordinator, events } = bench;
  const stream = coordinator.open("POST", "/api/blobs/sha256:0", { content_length: body.length });
  for (let at = 0; at < body.length; at += 10_000) stream.write(body.subarray(at, at + 10_000));
  stream.end();
  for (let cut = 1; cut <= 5; cut++) {
    const received = () =>
      coordinator.journal.entries.reduce(
        (sum, event) => sum + (event.type === "data" ? event.bytes.length : 0),
        0,
      );
    await coordinator.journal.find(() => (received() >= cut * 300_000 ? true : undefined));
    coordinator.cut();
    await events.count((event) => event.type === "online", cut + 1);
  }
  const answer = await coordinator.answer(stream);
  expect(answer.failed).toBeUndefined();
  expect(sha(answer.body)).toBe(sha(body));
  expect(events.entries.some((event) => event.type === "online" && event.resumed === 1)).toBe(true);
});

test("what Ollama says while there is no socket is said after it", async () => {
  let answerNow: () => void = () => {};
  bench = await Bench.open((request, response) => {
    request.resume();
    response.write("before ");
    answerNow = () => response.end("after");
  });
  const clock = new FakeClock();
  await bench.online({}, { clock, random: () => 0.5 });
  const { coordinator, events } = bench;
  const answer = coordinator.ask("POST", "/api/chat", "{}");
  await coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
  coordinator.cut();
  await events.find((event) => (event.type === "retrying" ? true : undefined));
  answerNow();
  clock.advance(250);
  expect((await answer).body.toString()).toBe("before after");
});

test("a stream whose resume window is over is aborted at Ollama and not held any longer", async () => {
  const aborted = Promise.withResolvers<void>();
  bench = await Bench.open((request, response) => {
    request.resume();
    response.write("before");
    response.on("close", () => aborted.resolve());
  });
  const clock = new FakeClock();
  await bench.online({}, { clock, random: () => 0.999_999 });
  const { coordinator, events } = bench;
  void coordinator.ask("POST", "/api/chat", "{}");
  await coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
  coordinator.refuseUpgrade = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";
  coordinator.cut();
  await events.find((event) => (event.type === "retrying" ? true : undefined));
  clock.advance(14_999);
  const closed = await Promise.race([aborted.promise.then(() => "closed"), Promise.resolve("open")]);
  expect(closed).toBe("open");
  clock.advance(1);
  await aborted.promise;
});
