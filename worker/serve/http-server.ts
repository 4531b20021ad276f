import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../host.ts";
import { cutPathKey, INTERNAL_HEADERS, PATH_KEY_HEADER } from "../middleware/path-key.ts";
import type { NodeBindings } from "./node-host.ts";

/** The HTTP server of the Node host: removes what only the coordinator may say, and hands over to the app. */
export function createHttpServer(app: OpenAPIHono<AppEnv>): Server {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: true,
  });
  const server = createServer(
    {
      // An upload of a large model takes as long as it takes; an answer too.
      requestTimeout: 0,
      keepAliveTimeout: 75_000,
      maxHeaderSize: 32 * 1024,
      // Java's and curl's clients offer `Upgrade: h2c` with their first request, which is a request like any other.
      shouldUpgradeCallback: (incoming) => incoming.headers.upgrade?.toLowerCase() === "websocket",
    },
    (incoming, outgoing) => {
      enter(incoming);
      void listener(incoming, outgoing);
    },
  );
  server.timeout = 0;
  server.on("upgrade", (incoming, socket, head) => void upgrade(app, incoming, socket, head));
  return server;
}

/** Nothing behind this line sees a key in a URL, or believes an internal header that a client sent. */
function enter(incoming: IncomingMessage): void {
  for (const name of INTERNAL_HEADERS) delete incoming.headers[name];
  incoming.rawHeaders = withoutInternal(incoming.rawHeaders);
  const cut = cutPathKey(incoming.url ?? "/");
  if (cut === undefined) return;
  incoming.url = cut.rest;
  incoming.headers[PATH_KEY_HEADER] = cut.key;
  incoming.rawHeaders.push(PATH_KEY_HEADER, cut.key);
}

function withoutInternal(raw: string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at], raw[at + 1]];
    if (!INTERNAL_HEADERS.includes(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

async function upgrade(
  app: OpenAPIHono<AppEnv>,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // Before it is a WebSocket nobody else listens: an error here would end the process.
  const ignore = (): void => {};
  socket.on("error", ignore);
  enter(incoming);
  // Answers go out from here as a whole: an export that is asked for so would first be read into memory.
  if (!(incoming.url ?? "").startsWith("/ws/")) {
    refuse(socket, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    return;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string") headers.set(name, value);
  }
  const bindings: NodeBindings = { incoming, upgrade: { socket, head } };
  try {
    const request = new Request(`http://coordinator${incoming.url ?? "/"}`, { headers });
    const response = await app.fetch(request, bindings);
    if (response.headers.has("x-hono-already-sent")) socket.off("error", ignore);
    else refuse(socket, await rawAnswer(response));
  } catch {
    refuse(socket, "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  }
}

/** The server has let go of this socket: of one whose other side never closes nobody else would rid the process. */
function refuse(socket: Duplex, answer: string): void {
  socket.once("finish", () => socket.destroy());
  socket.end(answer);
}

async function rawAnswer(response: Response): Promise<string> {
  const body = await response.text();
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  response.headers.forEach((value, name) => {
    if (name !== "content-length") lines.push(`${name}: ${value}`);
  });
  lines.push(`content-length: ${Buffer.byteLength(body)}`, "connection: close", "", body);
  return lines.join("\r\n");
}
