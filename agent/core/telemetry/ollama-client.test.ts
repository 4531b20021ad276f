import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { httpServer, type TestServer } from "../../testing/http-server.ts";
import { systemClock } from "../clock.ts";
import { OllamaTarget } from "../forwarder/ollama-target.ts";
import { withinBudget } from "./list-budget.ts";
import { OllamaClient } from "./ollama-client.ts";

let server: TestServer;
afterEach(() => server.close());

async function client(listener: RequestListener): Promise<OllamaClient> {
  server = await httpServer(listener);
  return new OllamaClient(new OllamaTarget(server.url), systemClock);
}

test("lists are passed on as Ollama says them, stand-ins of ollama.com too; an entry that cannot be is left out", async () => {
  const stub = {
    name: "big:cloud",
    remote_host: "https://ollama.com:443",
    remote_model: "big",
    new_field: [1],
  };
  const ollama = await client((_request, response) => {
    response.end(
      JSON.stringify({ models: [stub, { name: "" }, { size: 1 }, { name: "a:latest", size: 2 }] }),
    );
  });
  expect(await ollama.models()).toEqual([stub, { name: "a:latest", size: 2 }]);
});

test("of a list that is too long no stand-in of ollama.com is cut off: unknown, it would be taken for a model", async () => {
  const models: object[] = Array.from({ length: 600 }, (_, at) => ({ name: `m${at}` }));
  models.splice(550, 0, { name: "mine", remote_model: "big" });
  const ollama = await client((_request, response) => response.end(JSON.stringify({ models })));
  const listed = await ollama.models();
  expect([listed.length, listed[0]?.name, listed[499]?.name]).toEqual([500, "mine", "m498"]);
});

test("an empty list may be null", async () => {
  const ollama = await client((_request, response) => response.end('{"models":null}'));
  expect(await ollama.loaded()).toEqual([]);
});

test("silence, an odd answer and nobody there are told apart", async () => {
  const ollama = await client((request, response) => {
    if (request.url === "/api/tags") response.end("<html>");
    if (request.url === "/api/ps") response.writeHead(500).end();
  });
  await expect(ollama.version(20)).rejects.toMatchObject({
    silent: true,
    message: `${server.url}/api/version does not answer within 0.02 s`,
  });
  await expect(ollama.models()).rejects.toMatchObject({
    silent: false,
    message: `${server.url}/api/tags does not answer as Ollama does`,
  });
  await expect(ollama.loaded()).rejects.toMatchObject({ message: `${server.url}/api/ps answers HTTP 500` });
  await server.close();
  await expect(ollama.version(2_000)).rejects.toMatchObject({
    silent: false,
    message: `cannot reach ${server.url}/api/version (ECONNREFUSED)`,
  });
});

test("a list too long for one frame loses what is only for display, then entries, never its limit", () => {
  const entries = Array.from({ length: 500 }, (_, index) => ({
    name: `m${index}`,
    details: "x".repeat(3_000),
  }));
  const kept = withinBudget(entries, 500_000, ["details"]);
  expect(kept).toHaveLength(500);
  expect(JSON.stringify(kept).length).toBeLessThan(500_000);
  expect(kept[0]).toHaveProperty("details");
  const huge = [{ name: "x".repeat(600_000) }, { name: "small" }];
  expect(withinBudget(huge, 500_000, [])).toEqual([{ name: "small" }]);
});
