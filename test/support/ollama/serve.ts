import type { IncomingMessage, ServerResponse } from "node:http";
import { hashBody, readBody, readZstdBody } from "./body.ts";
import { Refusal } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { commit } from "./faults.ts";
import { hostAllowed, originAllowed } from "./guard.ts";
import { isRecord, text } from "./json.ts";
import type { Machine } from "./machine.ts";
import { type Route, routesOf } from "./routes.ts";
import { scanJson } from "./scan.ts";

const METHODS = "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS";

/** One request from its first byte to the handler of its route. */
export function requestListener(machine: Machine): (req: IncomingMessage, res: ServerResponse) => void {
  const find = routesOf(machine.options.version);
  const { rejectOrigins, host } = machine.options;
  const loopback = host === "localhost" || host === "::1" || host.startsWith("127.");

  async function serve(exchange: Exchange, route: Route | undefined): Promise<void> {
    const { req, path } = exchange;
    const method = req.method ?? "GET";
    const handler = route?.methods.get(method);
    const fault = machine.faults.take(path, method === "POST" && route?.inference === true);
    if (machine.hung) await machine.hung;
    if (rejectOrigins && !allowed(exchange)) return;
    if (route?.body === "own" && handler && !fault) return handler(machine, exchange);
    let refusal: unknown;
    // Even a request that will be refused is read to its end, or its connection could not go on.
    if (route && handler) {
      try {
        await readRequest(exchange, route);
      } catch (error) {
        refusal = error;
      }
    } else req.resume();
    if (machine.hung) await machine.hung;
    if (fault && !(await commit(fault, exchange, machine.ticker))) return;
    if (refusal !== undefined) throw refusal;
    if (route === undefined) return exchange.send(404, "text/plain", "404 page not found");
    if (!handler) return notAllowed(exchange, route);
    return handler(machine, exchange);
  }

  function allowed(exchange: Exchange): boolean {
    const { req, res } = exchange;
    const { origin } = req.headers;
    if ((loopback && !hostAllowed(req)) || !originAllowed(req)) {
      req.resume();
      exchange.empty(403);
      return false;
    }
    if (origin === undefined) return true;
    res.setHeader("Access-Control-Allow-Origin", origin);
    res.setHeader("Vary", "Origin");
    if (req.method !== "OPTIONS") return true;
    exchange.empty(204, {
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": "Authorization,Content-Type,User-Agent,Accept,X-Requested-With",
      "Access-Control-Max-Age": "43200",
    });
    return false;
  }

  async function readRequest(exchange: Exchange, route: Route): Promise<void> {
    const { req, seen } = exchange;
    if (route.body === "none" || req.method === "GET" || req.method === "HEAD") {
      req.resume();
      return;
    }
    if (machine.options.hashBodies) hashBody(req, seen);
    const zstd = req.headers["content-encoding"] === "zstd" && route.inference && route.dialect !== "native";
    const incoming = await (zstd ? readZstdBody(req, seen) : readBody(req, seen));
    if ("ends" in incoming) {
      exchange.big = true;
      exchange.scanned = incoming.ends;
      exchange.body = route.body === "form" ? {} : scanJson(incoming.ends);
    } else if (route.body === "json") {
      exchange.body = parse(incoming.whole, route);
      machine.journal.keepBody(seen, exchange.body);
    } else {
      exchange.scanned = [incoming.whole];
    }
    const model = text(exchange.body.model) || text(exchange.body.name);
    if (model === "") return;
    exchange.modelIs(model);
    machine.journal.changed(seen);
  }

  return (req, res) => {
    const url = req.url ?? "/";
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const route = find(path);
    const inference = route?.inference === true && req.method === "POST";
    const exchange = new Exchange(machine.journal, req, res, path, route?.dialect ?? "native", inference);
    serve(exchange, route).catch((error: unknown) => {
      if (res.headersSent) exchange.destroy();
      else if (error instanceof Refusal) exchange.fail(error.status, error.message);
      else exchange.fail(500, error instanceof Error ? `stand-in: ${error.stack}` : String(error));
    });
  };
}

function notAllowed(exchange: Exchange, route: Route): void {
  exchange.send(405, "text/plain", "405 method not allowed", { Allow: [...route.methods.keys()].join(", ") });
}

/** The body as an object, or what Go's decoder says about it. */
function parse(json: string, route: Route): Record<string, unknown> {
  if (json.trim() === "") throw new Refusal(400, route.dialect === "native" ? "missing request body" : "EOF");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    const first = json.trim()[0] ?? "";
    const starts = '{["-0123456789tfn'.includes(first);
    throw new Refusal(
      400,
      starts ? "unexpected EOF" : `invalid character '${first}' looking for beginning of value`,
    );
  }
  if (!isRecord(value)) {
    throw new Refusal(400, `json: cannot unmarshal ${goKind(value)} into Go value of type api.Request`);
  }
  if (value.model !== undefined && value.model !== null && typeof value.model !== "string") {
    throw new Refusal(
      400,
      `json: cannot unmarshal ${goKind(value.model)} into Go struct field Request.model of type string`,
    );
  }
  return value;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
