import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { normalBase } from "../coordinator-url.ts";
import { portOf } from "../network-error.ts";

/** Idle connections that are kept for the next requests. */
const FREE_SOCKETS = 64;

/** Where this agent's Ollama is, and the connections to it. */
export class OllamaTarget {
  #place: Place;

  constructor(ollamaUrl: string) {
    this.#place = placeOf(ollamaUrl);
  }

  /** The Host header: Ollama on a loopback address refuses names that are not the machine's own. */
  get host(): string {
    return this.#place.host;
  }

  get port(): number {
    return this.#place.port;
  }

  get base(): string {
    return this.#place.base;
  }

  /** Of a new socket, once it can be used. */
  get connectEvent(): "connect" | "secureConnect" {
    return this.#place.secure ? "secureConnect" : "connect";
  }

  /** Requests go there from now on; those that run end where they began. */
  moveTo(ollamaUrl: string): void {
    const next = placeOf(ollamaUrl);
    if (next.base === this.#place.base) return;
    const { agent } = this.#place;
    this.#place = next;
    // Not `destroy`: that would cut running answers, too. Theirs are closed when they have ended.
    agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }

  /**
   * `headers` is the flat list of node:http, sent as it is. `fresh`: on a new connection, because when one kept connection
   * turns out to be dead the others are as well.
   */
  request(method: string, path: string, headers: readonly string[], fresh = false): ClientRequest {
    const place = this.#place;
    return (place.secure ? httpsRequest : httpRequest)({
      host: place.hostname,
      port: place.port,
      method,
      path: place.prefix + path,
      headers,
      agent: fresh ? place.freshAgent : place.agent,
      setHost: false,
    });
  }

  close(): void {
    this.#place.agent.destroy();
    this.#place.freshAgent.destroy();
  }
}

interface Place {
  base: string;
  host: string;
  port: number;
  secure: boolean;
  hostname: string;
  prefix: string;
  agent: HttpAgent;
  freshAgent: HttpAgent;
}

function placeOf(ollamaUrl: string): Place {
  const base = normalBase(ollamaUrl);
  const url = new URL(base);
  const secure = url.protocol === "https:";
  // No time-outs of its own, and one socket per request: waiting is Ollama's and the coordinator's business.
  const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: FREE_SOCKETS };
  return {
    base,
    host: url.host,
    port: portOf(url),
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    prefix: url.pathname === "/" ? "" : url.pathname,
    agent: secure ? new HttpsAgent(options) : new HttpAgent(options),
    freshAgent: secure ? new HttpsAgent() : new HttpAgent(),
  };
}
