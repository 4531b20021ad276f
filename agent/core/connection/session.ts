import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { decode, encode } from "../../../shared/frame/codec.ts";
import { FrameError } from "../../../shared/frame/error.ts";
import type { Frame } from "../../../shared/frame/types.ts";
import type { Acceptor } from "../../../shared/mux/acceptor.ts";
import { CLOSE_CODES } from "../../../shared/protocol/codes.ts";
import { LIMITS } from "../../../shared/protocol/limits.ts";
import { PING, PONG } from "../../../shared/protocol/liveness.ts";
import { type Hello, issueOf, type Welcome, welcome } from "../../../shared/protocol/messages.ts";
import { PROGRAM_VERSION, SUBPROTOCOL, VERSION_MAX, VERSION_MIN } from "../../../shared/protocol/version.ts";
import type { Clock } from "../clock.ts";
import type { ProxyRoute } from "../proxy.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { WsTransport } from "./ws-transport.ts";

const HANDSHAKE_MS = 10_000;
const WELCOME_MS = 10_000;
/** How long a socket that was closed waits for the other side before it is torn down. */
const CLOSE_MS = 2_000;
const REASON_BYTES = 120;

export interface SessionOptions {
  url: URL;
  token: string;
  proxy: ProxyRoute;
  clock: Clock;
  acceptor: Acceptor;
  /** Made when the socket is open: what it says of streams must be true at that moment. */
  hello(ipAddress: string | undefined): Hello;
  /** Before the streams go on. */
  welcomed(welcome: Welcome): void;
  /** After that: frames may be sent. */
  attached(): void;
  /** After each message that was acted on. */
  received(): void;
  /** The agent's own interval where its owner chose one. */
  heartbeatMs: number | undefined;
}

/** How a session ended; exactly one, once. */
export type SessionEnd =
  /** The socket never opened. */
  | { type: "refused"; refusal: Refusal }
  | { type: "failed"; error: unknown }
  | { type: "closed"; code: number; reason: string; livedMs: number };

type Phase = "dialing" | "greeting" | "online" | "over";

/** One socket to the coordinator, from dialling to its end: HELLO, WELCOME, then frames for the acceptor. */
export class Session {
  readonly ended: Promise<SessionEnd>;
  readonly #options: SessionOptions;
  readonly #socket: WebSocket;
  #phase: Phase = "dialing";
  #resolve: (end: SessionEnd) => void = () => {};
  #openedAt: number | undefined;
  #ipAddress: string | undefined;
  readonly #dialTimer: () => void;
  #welcomeTimer: (() => void) | undefined;
  #closeTimer: (() => void) | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Why this side closed, where it did: what the peer echoes says less. */
  #closing: { code: number; reason: string } | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#socket = new WebSocket(options.url, SUBPROTOCOL, {
      headers: {
        authorization: `Bearer ${options.token}`,
        "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}`,
      },
      perMessageDeflate: false,
      maxPayload: LIMITS.message_bytes,
      ...(options.proxy.agent === undefined ? {} : { agent: options.proxy.agent }),
    });
    this.#listen();
    // Not ws's own: while a proxy takes the connection and says nothing, there is no socket whose time could run out.
    this.#dialTimer = options.clock.after(HANDSHAKE_MS, () => {
      this.#end({ type: "failed", error: new Error(`nothing within ${HANDSHAKE_MS / 1000} s`) });
      this.#socket.terminate();
    });
  }

  get online(): boolean {
    return this.#phase === "online";
  }

  close(code: number, reason: string): void {
    if (this.#phase === "over" || this.#closing !== undefined) return;
    this.#closing = { code, reason };
    if (this.#phase === "dialing") {
      this.#socket.terminate();
      return;
    }
    this.#options.acceptor.link.flush();
    this.#socket.close(code, cut(reason));
    this.#closeTimer = this.#options.clock.after(CLOSE_MS, () => this.#socket.terminate());
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("upgrade", (response) => {
      this.#ipAddress = response.socket.localAddress?.replace(/^::ffff:/, "");
    });
    socket.on("unexpected-response", (request, response: IncomingMessage) => {
      const { url, proxy } = this.#options;
      refusalOf(response, url, proxy.proxyFor(url)).then(
        (refusal) => this.#end({ type: "refused", refusal }),
        (error: unknown) => this.#end({ type: "failed", error }),
      );
      // With this listener ws leaves the request to us.
      response.on("close", () => request.destroy());
    });
    socket.on("error", (error) => {
      if (this.#phase === "dialing") this.#end({ type: "failed", error });
    });
    socket.on("open", () => this.#greet());
    socket.on("message", (data, isBinary) => {
      if (!Buffer.isBuffer(data)) throw new Error("ws delivers messages as Buffers");
      this.#message(data, isBinary);
    });
    socket.on("close", (code, reason) => {
      const end = this.#closing ?? { code, reason: reason.toString("utf8") };
      const livedMs = this.#openedAt === undefined ? 0 : this.#options.clock.now() - this.#openedAt;
      this.#end({ type: "closed", ...end, livedMs });
    });
  }

  #greet(): void {
    this.#dialTimer();
    this.#phase = "greeting";
    const hello = this.#options.hello(this.#ipAddress);
    this.#socket.send(encode([{ type: "hello", stream: 0, json: hello }]), { binary: true });
    this.#welcomeTimer = this.#options.clock.after(WELCOME_MS, () => {
      this.#closing = { code: CLOSE_CODES.silent, reason: `no WELCOME within ${WELCOME_MS / 1000} s` };
      this.#socket.terminate();
    });
  }

  #message(data: Buffer, isBinary: boolean): void {
    this.#heartbeat?.heard();
    if (this.#phase === "over" || this.#closing !== undefined) return;
    try {
      if (!isBinary) {
        if (data.toString("latin1") !== PONG) throw new FrameError(`text message of ${data.length} bytes`);
        return;
      }
      for (const frame of decode(data)) {
        if (this.#phase === "greeting") this.#welcome(frame);
        else this.#options.acceptor.receive(frame);
      }
      this.#options.received();
    } catch (error) {
      // A bug here must not end the other streams' program; the peer learns no more than that it was one.
      const known = error instanceof FrameError;
      this.close(CLOSE_CODES.protocol_error, known ? error.message : "internal error");
      if (!known)
        this.#closing = { code: CLOSE_CODES.protocol_error, reason: `internal error: ${String(error)}` };
    }
  }

  #welcome(frame: Frame): void {
    if (frame.type !== "welcome") throw new FrameError(`${frame.type} frame before the welcome`);
    const parsed = welcome.safeParse(frame.json);
    if (!parsed.success) throw new FrameError(`welcome: ${issueOf(parsed.error)}`);
    const { version, heartbeat_ms, streams } = parsed.data;
    if (version < VERSION_MIN || version > VERSION_MAX) {
      throw new FrameError(`welcome: version ${version}, offered ${VERSION_MIN} to ${VERSION_MAX}`);
    }
    this.#welcomeTimer?.();
    this.#phase = "online";
    this.#openedAt = this.#options.clock.now();
    this.#heartbeat = new Heartbeat({
      clock: this.#options.clock,
      // Slower than the coordinator asks for would look like silence to it.
      everyMs: Math.min(this.#options.heartbeatMs ?? heartbeat_ms, heartbeat_ms),
      ping: () => this.#socket.send(PING),
      dead: (silentMs) => {
        this.#closing ??= { code: CLOSE_CODES.silent, reason: `nothing heard for ${silentMs / 1000} s` };
        this.#socket.terminate();
      },
    });
    this.#options.welcomed(parsed.data);
    this.#options.acceptor.attach(new WsTransport(this.#socket), streams);
    this.#options.attached();
  }

  #end(end: SessionEnd): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#dialTimer();
    this.#welcomeTimer?.();
    this.#closeTimer?.();
    this.#heartbeat?.stop();
    this.#options.acceptor.detach();
    this.#resolve(end);
  }
}

/** A close reason has a place for 123 bytes; cutting must not leave half a character. */
function cut(reason: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(reason).subarray(0, REASON_BYTES), {
    stream: true,
  });
}
