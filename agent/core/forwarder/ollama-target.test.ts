import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { httpServer, type TestServer } from "../../testing/http-server.ts";
import { OllamaTarget } from "./ollama-target.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  for (const each of servers.splice(0)) await each.close();
});

/** How many connections it has, and a wait until there are none. */
async function server(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const opened = await httpServer(listener);
  servers.push(opened);
  let open = 0;
  let none = (): void => {};
  opened.server.on("connection", (socket) => {
    open++;
    socket.on("close", () => {
      if (--open === 0) none();
    });
  });
  const empty = (): Promise<void> =>
    open === 0 ? Promise.resolve() : new Promise((resolve) => (none = resolve));
  return { url: opened.url, empty };
}

const ask = (target: OllamaTarget, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = target.request("GET", path, ["Host", target.host]);
    request.on("error", reject).on("response", (response) => text(response).then(resolve, reject));
    request.end();
  });

test("moved, it lets the running answer end where it began, and keeps no connection there", async () => {
  const begun = Promise.withResolvers<ServerResponse>();
  const before = await server((request, response) => {
    if (request.url !== "/slow") response.end("old");
    else {
      response.write("slow");
      begun.resolve(response);
    }
  });
  const after = await server((_request, response) => response.end("new"));
  const target = new OllamaTarget(before.url);
  const slow = ask(target, "/slow");
  const running = await begun.promise;
  expect(await ask(target, "/")).toBe("old");
  target.moveTo(after.url);
  expect(await ask(target, "/")).toBe("new");
  running.end("ly");
  expect(await slow).toBe("slowly");
  await before.empty();
  target.close();
  await after.empty();
});
