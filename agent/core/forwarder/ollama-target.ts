import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { normalBase } from "../coordinator-url.ts";
import { portOf } from "../network-error.ts";

/** Idle connections that are kept for the next requests. */
const FREE_SOCKETS = 64;

/** Where this agent's Ollama is, and the connections to it. */
export class OllamaTarget {
  /** The Host header: Ollama on a loopback address refuses names that are not the machine's own. */
  readonly host: string;
  readonly port: number;
  readonly base: string;
  /** Of a new socket, once it can be used. */
  readonly connectEvent: "connect" | "secureConnect";
  readonly #secure: boolean;
  readonly #hostname: string;
  readonly #prefix: string;
  readonly #agent: HttpAgent;
  readonly #freshAgent: HttpAgent;

  constructor(ollamaUrl: string) {
    this.base = normalBase(ollamaUrl);
    const url = new URL(this.base);
    this.host = url.host;
    this.port = portOf(url);
    this.#secure = url.protocol === "https:";
    this.connectEvent = this.#secure ? "secureConnect" : "connect";
    this.#hostname = url.hostname.replace(/^\[|\]$/g, "");
    this.#prefix = url.pathname === "/" ? "" : url.pathname;
    // No time-outs of its own, and one socket per request: waiting is Ollama's and the coordinator's business.
    const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: FREE_SOCKETS };
    this.#agent = this.#secure ? new HttpsAgent(options) : new HttpAgent(options);
    this.#freshAgent = this.#secure ? new HttpsAgent() : new HttpAgent();
  }

  /**
   * `headers` is the flat list of node:http, sent as it is. `fresh`: on a new connection, because when one kept connection
   * turns out to be dead the others are as well.
   */
  request(method: string, path: string, headers: readonly string[], fresh = false): ClientRequest {
    return (this.#secure ? httpsRequest : httpRequest)({
      host: this.#hostname,
      port: this.port,
      method,
      path: this.#prefix + path,
      headers,
      agent: fresh ? this.#freshAgent : this.#agent,
      setHost: false,
    });
  }

  close(): void {
    this.#agent.destroy();
    this.#freshAgent.destroy();
  }
}
