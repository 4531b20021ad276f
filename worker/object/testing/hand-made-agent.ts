import { decode, encode } from "../../../shared/frame/codec.ts";
import { Acceptor } from "../../../shared/mux/acceptor.ts";
import type { Transport } from "../../../shared/mux/transport.ts";
import { type AgentState, type Hello, type Welcome, welcome } from "../../../shared/protocol/messages.ts";
import { SUBPROTOCOL, VERSION_MAX, VERSION_MIN } from "../../../shared/protocol/version.ts";

const encoder = new TextEncoder();

/** An agent without a machine: it answers every request with one line that says how many it has answered. */
export class HandMadeAgent {
  readonly #worker: Fetcher;
  readonly #token: string;
  readonly #answersClose: boolean;
  readonly #instanceId = crypto.randomUUID();
  readonly #acceptor: Acceptor;
  /** Close codes of sockets that the coordinator closed. */
  readonly closes: number[] = [];
  /** What came as text: answers to pings. */
  readonly texts: string[] = [];
  answered = 0;
  socket: WebSocket | undefined;

  /** @param answersClose false: as one that is stopped or cut off, it never ends the closing of a socket */
  constructor(worker: Fetcher, token: string, { answersClose = true } = {}) {
    this.#worker = worker;
    this.#token = token;
    this.#answersClose = answersClose;
    this.#acceptor = new Acceptor({
      defer: (task) => queueMicrotask(task),
      accept: ({ stream, respond }) => ({
        data: (bytes) => stream.consume(bytes.length),
        end: () => {
          this.answered++;
          respond({ status: 200, headers: [["content-type", "application/x-ndjson"]] });
          stream.write(encoder.encode(`{"answer":${this.answered},"done":true}\n`));
          stream.end();
        },
        failed: () => {},
        drain: () => {},
      }),
    });
  }

  /** Dials and says HELLO; resolves with WELCOME. */
  async connect(): Promise<Welcome> {
    const response = await this.#worker.fetch("https://coordinator.test/ws/agent", {
      headers: {
        upgrade: "websocket",
        "sec-websocket-protocol": SUBPROTOCOL,
        authorization: `Bearer ${this.#token}`,
      },
    });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`no WebSocket: ${response.status} ${await response.text()}`);
    socket.binaryType = "arraybuffer";
    socket.accept({ allowHalfOpen: !this.#answersClose });
    this.socket = socket;
    return new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => {
        this.closes.push(code);
        this.#acceptor.detach();
      });
      socket.addEventListener("message", ({ data }) => {
        if (typeof data === "string") {
          this.texts.push(data);
          return;
        }
        for (const frame of decode(new Uint8Array(data as ArrayBuffer))) {
          if (frame.type !== "welcome") {
            this.#acceptor.receive(frame);
            continue;
          }
          const said = welcome.parse(frame.json);
          this.#acceptor.attach(transportOf(socket), said.streams);
          resolve(said);
        }
      });
      socket.send(encode([{ type: "hello", stream: 0, json: this.#hello() }]));
    });
  }

  /** Sends STATE. */
  say(json: AgentState): void {
    this.#acceptor.link.control({ type: "state", stream: 0, json });
  }

  #hello(): Hello {
    return {
      version: { min: VERSION_MIN, max: VERSION_MAX },
      agent_version: "0",
      instance_id: this.#instanceId,
      machine_hash: "machine-of-the-test",
      machine_name: "hand-made",
      allow_manage: false,
      state: { ollama: "ok", ollama_version: "0.33.0", models: [{ name: "m:latest" }], loaded: [] },
      streams: this.#acceptor.positions(),
    };
  }
}

function transportOf(socket: WebSocket): Transport {
  return {
    send: (message, sent) => {
      socket.send(message);
      queueMicrotask(sent);
    },
    buffered: () => 0,
    close: (code, reason) => socket.close(code, reason),
  };
}
