import { DurableObject } from "cloudflare:workers";
import { FEED } from "../../shared/api/feed.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import type { Bindings } from "../bindings.ts";
import type { CoordinatorApi } from "../coordinator/api.ts";
import { API_METHODS, type ApiMethod } from "../coordinator/api-methods.ts";
import { Coordinator } from "../coordinator/coordinator.ts";
import type { PageAttachment, Viewer } from "../coordinator/feed/page.ts";
import type { SocketAttachment } from "../coordinator/socket.ts";
import { migrate } from "../db/migrate.ts";
import { migrations } from "../db/migrations.ts";
import { BodySource } from "../edge/body-source.ts";
import { lockedSettings } from "../edge/locked-settings.ts";
import {
  AGENT_ID_HEADER,
  CALL_HEADER,
  decodeCall,
  decodeViewer,
  encodeOutcome,
  OUTCOME_HEADER,
  VIEWER_HEADER,
} from "../edge/wire.ts";
import { objectDeps } from "./object-deps.ts";
import { DASHBOARD_TAG, ObjectPageSocket } from "./object-page-socket.ts";
import { ObjectSocket } from "./object-socket.ts";
import { StreamSide } from "./stream-side.ts";

/** The brain's plug for Cloudflare: receives sockets and requests, and delegates at once. */
export class CoordinatorObject extends DurableObject<Bindings> {
  readonly #brain: Coordinator;
  readonly #sockets = new WeakMap<WebSocket, ObjectSocket>();
  readonly #pages = new WeakMap<WebSocket, ObjectPageSocket>();

  constructor(state: DurableObjectState, env: Bindings) {
    super(state, env);
    migrate(state.storage, migrations);
    // Pings must cost nothing: the platform answers them while this object sleeps.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#brain = new Coordinator(objectDeps(state, env), lockedSettings(env.CORS_ORIGINS));
    for (const socket of state.getWebSockets()) this.#restore(socket);
  }

  #restore(socket: WebSocket): void {
    const attachment = socket.deserializeAttachment() as SocketAttachment | PageAttachment | null;
    if (attachment === null) {
      // It is being closed, or died before it was greeted.
      if (this.#isPage(socket)) this.#pageOf(socket).close(1011, "connect again");
      else this.#socketOf(socket).close(1011, "dial again");
    } else if ("dashboard" in attachment) {
      this.#brain.feed.restore(this.#pageOf(socket), attachment.dashboard);
    } else {
      // What it said last, as far as the platform knows: taken for just now, one that died would live for as long as others wake us.
      const known = this.#socketOf(socket, this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime());
      this.#brain.restore(known, attachment);
    }
  }

  #isPage(socket: WebSocket): boolean {
    return this.ctx.getTags(socket).includes(DASHBOARD_TAG);
  }

  #pageOf(socket: WebSocket): ObjectPageSocket {
    let known = this.#pages.get(socket);
    if (known === undefined) {
      known = new ObjectPageSocket(socket);
      this.#pages.set(socket, known);
    }
    return known;
  }

  /** @param heard when something last came from it, ms */
  #socketOf(socket: WebSocket, heard = Date.now()): ObjectSocket {
    let known = this.#sockets.get(socket);
    if (known === undefined) {
      known = new ObjectSocket(socket, this.ctx, heard);
      this.#sockets.set(socket, known);
    }
    return known;
  }

  /** Control calls of the Worker. */
  async invoke<Method extends ApiMethod>(
    method: Method,
    args: Parameters<CoordinatorApi[Method]>,
  ): Promise<Awaited<ReturnType<CoordinatorApi[Method]>>> {
    if (!API_METHODS.includes(method)) throw new Error(`no method ${method}`);
    const api: CoordinatorApi = this.#brain;
    const call = api[method] as (
      ...given: Parameters<CoordinatorApi[Method]>
    ) => ReturnType<CoordinatorApi[Method]>;
    return await call.apply(api, args);
  }

  /** What the tunnels hold, for tests of the limits. */
  gauges(): ReturnType<Coordinator["gauges"]> {
    return this.#brain.gauges();
  }

  override async fetch(request: Request): Promise<Response> {
    const agentId = request.headers.get(AGENT_ID_HEADER);
    if (agentId !== null) return this.#accept(agentId);
    const viewer = request.headers.get(VIEWER_HEADER);
    if (viewer !== null) return this.#acceptPage(decodeViewer(viewer));
    const header = request.headers.get(CALL_HEADER);
    if (header === null) return new Response("not a call", { status: 400 });
    const call = decodeCall(header);
    const side = new StreamSide({ dialect: call.dialect, requestId: call.id, signal: request.signal });
    const body = request.body === null || call.contentLength === 0 ? null : new BodySource(request.body);
    const outcome = this.#brain.forward(call, body, side);
    return Promise.race([
      side.response,
      outcome.then(
        (value) =>
          // Once the answer has begun this comes too late to matter.
          new Response(null, { headers: { [OUTCOME_HEADER]: encodeOutcome(value) } }),
      ),
    ]);
  }

  #accept(agentId: string): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#brain.connect(this.#socketOf(server), agentId);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": SUBPROTOCOL },
    });
  }

  #acceptPage(viewer: Viewer): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [DASHBOARD_TAG]);
    this.#brain.feed.open(this.#pageOf(server), viewer);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Wakes this object for what time alone changes, while somebody looks; else nothing would. */
  override alarm(): void {
    this.#brain.watch();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (this.#isPage(socket)) {
      const page = this.#pageOf(socket);
      const size = typeof message === "string" ? message.length : message.byteLength;
      if (size > FEED.message_bytes) this.#brain.feed.refuse(page, 1009, "the message is too large");
      else this.#brain.feed.message(page, typeof message === "string" ? message : new Uint8Array(message));
      return;
    }
    const known = this.#socketOf(socket);
    known.heard(Date.now());
    this.#brain.message(known, typeof message === "string" ? message : new Uint8Array(message));
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    const known = this.#lost(socket);
    // Without this some runtimes leave the peer waiting for the end of the closing handshake.
    known.close(code === 1005 || code === 1006 ? 1000 : code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#lost(socket);
  }

  #lost(socket: WebSocket): ObjectSocket | ObjectPageSocket {
    if (this.#isPage(socket)) {
      const page = this.#pageOf(socket);
      this.#brain.feed.closed(page);
      return page;
    }
    const known = this.#socketOf(socket);
    this.#brain.closed(known);
    return known;
  }
}
