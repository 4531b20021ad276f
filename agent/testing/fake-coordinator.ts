import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type WebSocket, WebSocketServer } from "ws";
import { decode } from "../../shared/frame/codec.ts";
import type { Frame } from "../../shared/frame/types.ts";
import { Opener } from "../../shared/mux/opener.ts";
import type { MuxStream } from "../../shared/mux/stream.ts";
import {
  type AgentState,
  agentState,
  type Hello,
  hello,
  type RequestHead,
  type ResponseHead,
  type Welcome,
} from "../../shared/protocol/messages.ts";
import { WsTransport } from "../core/connection/ws-transport.ts";
import { httpServer, type TestServer } from "./http-server.ts";
import { Journal } from "./journal.ts";

export type CoordinatorEvent =
  | { type: "registration"; authorization: string | undefined; body: unknown }
  | { type: "poll"; authorization: string | undefined }
  | { type: "upgrade"; headers: IncomingMessage["headers"]; path: string }
  | { type: "hello"; hello: Hello }
  | { type: "state"; state: AgentState }
  | { type: "text"; text: string }
  | { type: "closed"; code: number; reason: string }
  | { type: "head"; id: number; head: ResponseHead }
  | { type: "data"; id: number; bytes: Buffer }
  | { type: "end"; id: number; json: unknown }
  | { type: "failed"; id: number; reason: string };

export interface Answer {
  head: ResponseHead | undefined;
  body: Buffer;
  /** What END said, or why the stream failed. */
  end: unknown;
  failed: string | undefined;
}

/** The other end of the tunnel in a test: registers agents, greets them and sends requests. */
export class FakeCoordinator {
  readonly journal = new Journal<CoordinatorEvent>();
  /** Answers an upgrade with this instead of a WebSocket, while set. */
  refuseUpgrade: string | undefined;
  /** What is said to a machine that has asked to be let in. */
  pairing: "pending" | "approved" | "rejected" | "expired" | "forgotten" = "pending";
  pollAfterMs = 3_000;
  welcome: Partial<Welcome> = {};
  answersPings = true;
  /** Sends nothing after HELLO, while set. */
  mute = false;
  /** Takes what agents send as fast as it comes; otherwise a test consumes by itself. */
  consumes = true;
  readonly #opener = new Opener({
    defer: (task) => {
      setImmediate(task);
    },
    window: () => 64 * 1024,
    firstId: 100,
  });
  readonly #sockets = new WebSocketServer({ noServer: true });
  #server: TestServer | undefined;
  #socket: WebSocket | undefined;

  static async start(prefix = ""): Promise<FakeCoordinator> {
    const coordinator = new FakeCoordinator();
    const server = await httpServer((request, response) => void coordinator.#register(request, response));
    coordinator.#server = server;
    server.server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      coordinator.journal.push({ type: "upgrade", headers: request.headers, path: request.url ?? "" });
      if (coordinator.refuseUpgrade !== undefined) {
        socket.end(coordinator.refuseUpgrade);
        return;
      }
      if (request.url !== `${prefix}/ws/agent`) socket.destroy();
      else coordinator.#sockets.handleUpgrade(request, socket, head, (ws) => coordinator.#connected(ws));
    });
    return coordinator;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Replaced by tests that want another answer. */
  register(request: IncomingMessage, response: ServerResponse): void {
    const agent = { agent_id: randomUUID(), agent_token: "agent-token-1" };
    const pending = { status: "pending", expires_at: EXPIRES_AT, poll_after_ms: this.pollAfterMs };
    if (isPoll(request)) {
      const [status, body] = {
        pending: [202, pending] as const,
        approved: [200, agent] as const,
        rejected: [403, { error: "this machine was not let in", code: "rejected" }] as const,
        expired: [410, { error: "this pairing is over", code: "expired" }] as const,
        forgotten: [401, { error: "not known", code: "unauthorized" }] as const,
      }[this.pairing];
      answerJson(response, status, body);
    } else if (request.headers.authorization === undefined) {
      answerJson(response, 202, {
        ...pending,
        pairing_code: "XKCD-4821",
        pairing_secret: "pairing-secret-1",
      });
    } else {
      answerJson(response, 200, { ...agent, status: "registered" });
    }
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse((await text(request)) || "null");
    const { authorization } = request.headers;
    this.journal.push(
      isPoll(request) ? { type: "poll", authorization } : { type: "registration", authorization, body },
    );
    this.register(request, response);
  }

  #connected(socket: WebSocket): void {
    this.#socket = socket;
    socket.on("close", (code, reason) => {
      if (this.#socket === socket) this.#opener.detach();
      this.journal.push({ type: "closed", code, reason: reason.toString() });
    });
    socket.on("message", (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (!isBinary) {
        this.journal.push({ type: "text", text: data.toString() });
        if (this.answersPings) socket.send("pong");
        return;
      }
      for (const frame of decode(data)) this.#receive(frame, socket);
    });
  }

  #receive(frame: Frame, socket: WebSocket): void {
    if (frame.type === "hello") {
      const parsed = hello.parse(frame.json);
      this.journal.push({ type: "hello", hello: parsed });
      if (this.mute) return;
      this.#opener.attach(new WsTransport(socket), parsed.streams, (streams) => ({
        type: "welcome",
        stream: 0,
        json: {
          version: 1,
          agent_id: randomUUID(),
          name: parsed.machine_name,
          heartbeat_ms: 10_000,
          resume_window_ms: 15_000,
          connect_ms: 5_000,
          first_byte_ms: 600_000,
          idle_ms: 300_000,
          ...this.welcome,
          streams,
        },
      }));
    } else if (frame.type === "state") {
      this.journal.push({ type: "state", state: agentState.parse(frame.json) });
    } else {
      this.#opener.receive(frame);
    }
  }

  /** Opens a stream; its body, if any, is the caller's to write. */
  open(method: RequestHead["method"], path: string, head: Partial<RequestHead> = {}): MuxStream {
    const stream: MuxStream = this.#opener.open(
      { method, path, headers: [["content-type", "application/json"]], content_length: -1, ...head },
      {
        head: (response) => this.journal.push({ type: "head", id: stream.id, head: response }),
        data: (bytes) => {
          this.journal.push({ type: "data", id: stream.id, bytes: Buffer.from(bytes) });
          if (this.consumes) stream.consume(bytes.length);
        },
        end: (json) => this.journal.push({ type: "end", id: stream.id, json }),
        failed: (reason) => this.journal.push({ type: "failed", id: stream.id, reason }),
        drain: () => {},
      },
    );
    return stream;
  }

  /** Sends a whole request and waits for the whole answer. */
  async ask(
    method: RequestHead["method"],
    path: string,
    body: string | Uint8Array = "",
    head: Partial<RequestHead> = {},
  ): Promise<Answer> {
    const bytes = Buffer.from(body);
    const stream = this.open(method, path, { content_length: bytes.length, ...head });
    if (bytes.length > 0) stream.write(bytes);
    stream.end();
    return this.answer(stream);
  }

  async answer({ id }: MuxStream): Promise<Answer> {
    const last = await this.journal.find((event) =>
      (event.type === "end" || event.type === "failed") && event.id === id ? event : undefined,
    );
    const mine = this.journal.entries.filter((event) => "id" in event && event.id === id);
    return {
      head: mine.find((event) => event.type === "head")?.head,
      body: Buffer.concat(mine.flatMap((event) => (event.type === "data" ? [event.bytes] : []))),
      end: last.type === "end" ? last.json : undefined,
      failed: last.type === "failed" ? last.reason : undefined,
    };
  }

  online(): Promise<Hello> {
    return this.journal.find((event) => (event.type === "hello" ? event.hello : undefined));
  }

  /** Breaks the socket without a word, as a lost network does. */
  cut(): void {
    this.#socket?.terminate();
  }

  closeWith(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  sendRaw(message: string | Uint8Array): void {
    this.#socket?.send(message);
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    this.#sockets.close();
    await this.#server?.close();
  }
}

const EXPIRES_AT = "2026-01-31T12:10:00.000Z";

function isPoll(request: IncomingMessage): boolean {
  return request.url?.endsWith("/api/agents/pairing") === true;
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
