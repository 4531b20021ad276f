import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { WebSocketServer } from "ws";
import { LIMITS } from "../../shared/protocol/limits.ts";
import { PING, PONG } from "../../shared/protocol/liveness.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import type { Viewer } from "../coordinator/feed/page.ts";
import { MemoryBudget } from "../forward/memory-budget.ts";
import { withRetries } from "../forward/with-retries.ts";
import type { AppContext, ForwardedCall, HistoryReader, Host, HostConfig } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";
import { DashboardFiles } from "./dashboard-files.ts";
import { DashboardSockets } from "./dashboard-sockets.ts";
import { IncomingSource } from "./incoming-source.ts";
import { NodeAgentSocket } from "./node-agent-socket.ts";
import { NodeClientSide } from "./node-client-side.ts";
import { sha256 } from "./node-deps.ts";
import { releaseDashboard } from "./release.ts";

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
  #dashboard: DashboardFiles | undefined;
  readonly #dashboards: DashboardSockets;
  readonly #publicOrigin: string | undefined;
  #stopping = false;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    // Compression costs five times the throughput.
    perMessageDeflate: false,
    // A little too large is answered with our own close code and reason; ws itself gives none.
    maxPayload: 2 * LIMITS.message_bytes,
    autoPong: false,
    handleProtocols: () => SUBPROTOCOL,
  });

  /** @param options.publicUrl under which a browser reaches this coordinator, where that was said */
  constructor(options: {
    config: HostConfig;
    coordinator: Coordinator;
    history: HistoryReader;
    publicUrl?: string | undefined;
  }) {
    this.config = options.config;
    this.#publicOrigin = options.publicUrl === undefined ? undefined : new URL(options.publicUrl).origin;
    this.cell = options.coordinator;
    this.history = options.history;
    this.#dashboards = new DashboardSockets(this.cell.feed);
    this.cell.feed.demo = options.config.demo;
  }

  async sha256(text: string): Promise<string> {
    return sha256(text);
  }

  callerAddress(c: AppContext): string | null {
    // A socket that listens on IPv6 shows IPv4 callers in that form.
    return bindingsOf(c).incoming.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
  }

  /** A page says itself by what scheme it was loaded; this process sees none, since it speaks only HTTP. */
  isHttps(c: AppContext): boolean {
    const origin = c.req.header("origin");
    if (origin !== undefined && origin !== "null") return origin.startsWith("https://");
    return this.#publicOrigin?.startsWith("https://") === true;
  }

  /** A name that only a stranger's DNS points here has no cookies of ours: it gains nothing by being the host that it names. */
  ownOrigins(c: AppContext): readonly string[] {
    const known = this.#publicOrigin === undefined ? [] : [this.#publicOrigin];
    const host = c.req.header("host")?.toLowerCase();
    const isPublic = known.some((origin) => new URL(origin).host === host);
    return host === undefined || isPublic ? known : [...known, `http://${host}`, `https://${host}`];
  }

  async forward(c: AppContext, call: ForwardedCall): Promise<Response> {
    const { incoming, outgoing } = bindingsOf(c);
    if (outgoing === undefined) throw new Error("a forwarded request is not an upgrade");
    if (this.#stopping) return clientError(c, { code: "overloaded", message: "the coordinator is stopping" });
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
      mayCall: (...asked) => this.cell.mayCall(...asked),
      send: async (attempt, body, begun) => {
        side.onBegun = begun;
        try {
          const outcome = await this.cell.forward(attempt, body, side);
          return outcome.kind === "answered" ? { kind: "answered", answer: undefined } : outcome;
        } finally {
          // An answer may be over before its body is read.
          body?.cancel();
        }
      },
    });
    return sent.kind === "refused" ? clientError(c, sent) : RESPONSE_ALREADY_SENT;
  }

  /** Read once; one that was not built is looked for again, since it may be by now. */
  async asset(c: AppContext, path: string): Promise<Response | undefined> {
    if (this.#dashboard === undefined) {
      const files = releaseDashboard();
      if (files !== undefined) this.#dashboard = new DashboardFiles(files);
    }
    return this.#dashboard?.answer(path, c.req.raw.headers);
  }

  async acceptAgent(c: AppContext, agentId: string): Promise<Response> {
    const { incoming, upgrade } = bindingsOf(c);
    if (upgrade === undefined) throw new Error("an agent's request is an upgrade");
    this.#webSockets.handleUpgrade(incoming, upgrade.socket, upgrade.head, (ws) => {
      const socket = new NodeAgentSocket(ws);
      // Answers to a peer that does not read them must not pile up.
      const answer = (send: () => void): void => {
        if (ws.bufferedAmount < LIMITS.socket_buffer_bytes) send();
      };
      ws.on("message", (data: Buffer, binary) => {
        socket.heard();
        if (binary) this.#receive(socket, data);
        else if (data.length === PING.length && data.toString() === PING) answer(() => ws.send(PONG));
        else this.#receive(socket, data.toString());
      });
      ws.on("ping", (data) => {
        socket.heard();
        answer(() => ws.pong(data));
      });
      ws.on("pong", () => socket.heard());
      ws.on("close", () => this.cell.closed(socket));
      // `ws` reports a broken frame or connection here and then closes, which is what counts; a peer that does not answer
      // that is not waited for.
      ws.on("error", () => setTimeout(() => ws.terminate(), 2_000).unref());
      this.cell.connect(socket, agentId);
    });
    return RESPONSE_ALREADY_SENT;
  }

  async acceptDashboard(c: AppContext, viewer: Viewer): Promise<Response> {
    const { incoming, upgrade } = bindingsOf(c);
    if (upgrade === undefined) throw new Error("a dashboard's request is an upgrade");
    this.#dashboards.accept(incoming, upgrade.socket, upgrade.head, viewer);
    return RESPONSE_ALREADY_SENT;
  }

  /** An error of ours that one agent's message brings out must not end the process, which serves all the others. */
  #receive(socket: NodeAgentSocket, message: Uint8Array | string): void {
    try {
      this.cell.message(socket, message);
    } catch (error) {
      console.error(JSON.stringify({ level: "error", message: "unexpected", error: String(error) }));
      socket.close(1011, "internal error");
    }
  }

  /** From now on requests are refused; those that run or wait go on. */
  stop(): void {
    this.#stopping = true;
  }

  /** Closes every agent's socket, and every dashboard's: they dial again, to whoever listens then. */
  close(): void {
    this.#dashboards.close();
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
