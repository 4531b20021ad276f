import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Dialect } from "../../../shared/api/ollama-routes.ts";
import { messages } from "./anthropic.ts";
import type { MachineSpec } from "./catalog.ts";
import { Exchange } from "./exchange.ts";
import { Machine } from "./machine.ts";
import { chat, embed, generate, show } from "./native.ts";
import { chatCompletions, completions } from "./openai.ts";
import { Refusal, refusalBody } from "./refusal.ts";

/** The release whose answers are simulated. */
const VERSION = "0.32.15";

interface Route {
  method: "GET" | "POST";
  dialect: Dialect;
  answer: (machine: Machine, exchange: Exchange) => Promise<void> | void;
}

function route(method: Route["method"], dialect: Dialect, answer: Route["answer"]): Route {
  return { method, dialect, answer };
}

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ["/", route("GET", "native", (_machine, exchange) => exchange.text(200, "Ollama is running"))],
  ["/api/version", route("GET", "native", (_machine, exchange) => exchange.json(200, { version: VERSION }))],
  [
    "/api/tags",
    route("GET", "native", (machine, exchange) => exchange.json(200, { models: machine.tags() })),
  ],
  ["/api/ps", route("GET", "native", (machine, exchange) => exchange.json(200, { models: machine.ps() }))],
  ["/api/show", route("POST", "native", show)],
  ["/api/generate", route("POST", "native", generate)],
  ["/api/chat", route("POST", "native", chat)],
  ["/api/embed", route("POST", "native", embed)],
  ["/v1/chat/completions", route("POST", "openai", chatCompletions)],
  ["/v1/completions", route("POST", "openai", completions)],
  ["/v1/messages", route("POST", "anthropic", messages)],
]);

export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server on a free loopback port that answers like an Ollama and runs no model. */
export async function startEngine(spec: MachineSpec): Promise<Engine> {
  const machine = new Machine(spec);
  const server = createServer((request, response) => {
    void answer(machine, new Exchange(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      // Each running answer sees its connection close, and ends its own timer.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(machine: Machine, exchange: Exchange): Promise<void> {
  const { method, url } = exchange.request;
  const found = ROUTES.get((url ?? "/").replace(/\?.*$/, ""));
  if (found === undefined) return exchange.text(404, "404 page not found");
  if (found.method !== (method === "HEAD" ? "GET" : method))
    return exchange.text(405, "405 method not allowed");
  try {
    await found.answer(machine, exchange);
  } catch (error) {
    if (exchange.gone.aborted) return;
    if (exchange.begun) return exchange.drop();
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error));
    exchange.json(refusal.status, refusalBody(found.dialect, refusal));
  }
}
