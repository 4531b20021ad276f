import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { WebSocketServer } from "ws";
import { LIMITS } from "../../shared/protocol/limits.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import { MemoryBudget } from "../forward/memory-budget.ts";
import { withRetries } from "../forward/with-retries.ts";
import type { AppContext, ForwardedCall, HistoryReader, Host, HostConfig } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";
import { IncomingSource } from "./incoming-source.ts";
import { NodeAgentSocket } from "./node-agent-socket.ts";
import { NodeClientSide } from "./node-client-side.ts";
import { sha256 } from "./node-deps.ts";

/** What the server hands to the app with each request. */
export type NodeBindings =
  | { incoming: IncomingMessage; outgoing: ServerResponse }
  | { incoming: IncomingMessage; upgrade: { socket: Duplex; head: Buffer } };

/** The app's platform in one Node process: the brain is called directly, with nothing between it and the sockets. */
export class NodeHost implements Host {
  readonly config: HostConfig;
  readonly cell: Coordinator;
  readonly history: HistoryReader;
  readonly #budget = new MemoryBudget();
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    // Compression costs five times the throughput.
    perMessageDeflate: false,
    maxPayload: LIMITS.message_bytes,
    handleProtocols: () => SUBPROTOCOL,
  });

  constructor(options: { config: HostConfig; coordinator: Coordinator; history: HistoryReader }) {
    this.config = options.config;
    this.cell = options.coordinator;
    this.history = options.history;
  }

  async sha256(text: string): Promise<string> {
    return sha256(text);
  }

  async forward(c: AppContext, call: ForwardedCall): Promise<Response> {
    const { incoming, outgoing } = bindingsOf(c);
    if (outgoing === undefined) throw new Error("a forwarded request is not an upgrade");
    const side = new NodeClientSide(outgoing, {
      dialect: call.dialect,
      requestId: call.id,
      extraHeaders: ownHeaders(c, this.config.demo),
    });
    const sent = await withRetries<undefined>({
      call,
      source: call.contentLength === 0 ? null : new IncomingSource(incoming),
      contentType: c.req.header("content-type") ?? "",
      contentEncoding: c.req.header("content-encoding") ?? "",
      budget: this.#budget,
      send: async (attempt, body, begun) => {
        side.onBegun = begun;
        const outcome = await this.cell.forward(attempt, body, side);
        return outcome.kind === "answered" ? { kind: "answered", answer: undefined } : outcome;
      },
    });
    return sent.kind === "refused" ? clientError(c, sent) : RESPONSE_ALREADY_SENT;
  }

  async acceptAgent(c: AppContext, agentId: string): Promise<Response> {
    const { incoming, upgrade } = bindingsOf(c);
    if (upgrade === undefined) throw new Error("an agent's request is an upgrade");
    this.#webSockets.handleUpgrade(incoming, upgrade.socket, upgrade.head, (ws) => {
      const socket = new NodeAgentSocket(ws);
      ws.on("message", (data: Buffer, binary) => {
        socket.heard();
        if (binary) this.cell.message(socket, data);
        else if (data.toString() === "ping") ws.send("pong");
        else this.cell.message(socket, data.toString());
      });
      ws.on("ping", () => socket.heard());
      ws.on("pong", () => socket.heard());
      ws.on("close", () => this.cell.closed(socket));
      // `ws` reports a broken frame or connection here and then closes; the close is what counts.
      ws.on("error", () => ws.terminate());
      this.cell.connect(socket, agentId);
    });
    return RESPONSE_ALREADY_SENT;
  }

  /** Closes every agent's socket: they dial again, to whoever listens then. */
  close(): void {
    for (const socket of this.#webSockets.clients) socket.close(1001, "the coordinator stops");
    setTimeout(() => {
      for (const socket of this.#webSockets.clients) socket.terminate();
    }, 500).unref();
    this.#webSockets.close();
  }
}

function bindingsOf(c: AppContext): {
  incoming: IncomingMessage;
  outgoing?: ServerResponse;
  upgrade?: { socket: Duplex; head: Buffer };
} {
  return c.env as NodeBindings;
}

/** Headers that the app has set for this answer already, which a direct answer would lose. */
function ownHeaders(c: AppContext, demo: boolean): [string, string][] {
  return demo || c.req.header("origin") !== undefined ? [...c.res.headers.entries()] : [];
}
