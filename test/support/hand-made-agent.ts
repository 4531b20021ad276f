import { once } from "node:events";
import { WebSocket } from "ws";
import type { RegisterResponse } from "../../shared/api/register.ts";
import { decode, encode } from "../../shared/frame/codec.ts";
import type { Frame } from "../../shared/frame/types.ts";
import type { AgentState, Hello, RequestHead, ResponseHead } from "../../shared/protocol/messages.ts";
import { requestHead } from "../../shared/protocol/messages.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import { makeJoinToken, type TestHost, until } from "./hosts/host.ts";

export interface Registered {
  readonly id: string;
  readonly token: string;
}

/** Makes a machine known, as an agent does it. */
export async function registerAgent(host: TestHost, name: string): Promise<Registered> {
  const response = await fetch(`${host.url}/api/agents/register`, {
    method: "POST",
    headers: { authorization: `Bearer ${await makeJoinToken(host)}`, "content-type": "application/json" },
    body: JSON.stringify({
      machine_name: name,
      ip_address: "",
      ollama_version: "0.33.0",
      ollama_port: 11434,
    }),
  });
  if (!response.ok) throw new Error(`register: ${response.status} ${await response.text()}`);
  const { agent_id, agent_token } = (await response.json()) as RegisterResponse;
  return { id: agent_id, token: agent_token ?? "" };
}

export interface SeenStream {
  readonly id: number;
  readonly head: RequestHead;
}

/** An agent whose every byte a test decides: it has a true token, and keeps no rule that it is not told to keep. */
export class HandMadeAgent {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  /** Called for each request whose body is there. */
  onRequest: (stream: number) => void = () => {};
  /** Resolves when the socket is closed, by whomever. */
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, binary) => {
      if (!binary) return;
      for (const frame of decode(data)) {
        this.frames.push(frame);
        if (frame.type === "end") this.onRequest(frame.stream);
      }
    });
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Dials with the token; HELLO is not said yet. */
  static async dial(
    host: TestHost,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<HandMadeAgent> {
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/ws/agent`, SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      perMessageDeflate: false,
    });
    await once(socket, "open");
    return new HandMadeAgent(socket);
  }

  /** Dials and is greeted. */
  static async online(
    host: TestHost,
    token: string,
    said: Partial<Hello> = {},
    headers: Record<string, string> = {},
  ): Promise<HandMadeAgent> {
    const agent = await HandMadeAgent.dial(host, token, headers);
    agent.send({ type: "hello", stream: 0, json: helloOf(said) });
    await agent.frame("welcome");
    return agent;
  }

  send(...frames: Frame[]): void {
    this.raw(encode(frames));
  }

  raw(bytes: Uint8Array | string): void {
    this.socket.send(bytes);
  }

  state(state: AgentState): void {
    this.send({ type: "state", stream: 0, json: state });
  }

  /** The first frame of this type that is not older than `from`. */
  frame(type: Frame["type"], from = 0): Promise<Frame> {
    return until(`a ${type} frame`, () => this.frames.slice(from).find((frame) => frame.type === type));
  }

  /** The request that comes next, once its body is there. */
  async request(): Promise<SeenStream> {
    const from = this.#answered;
    const request = await this.frame("request", from);
    await until("the request's end", () =>
      this.frames.some((frame) => frame.type === "end" && frame.stream === request.stream),
    );
    this.#answered = this.frames.indexOf(request) + 1;
    return { id: request.stream, head: requestHead.parse("json" in request ? request.json : undefined) };
  }
  #answered = 0;

  /** A whole answer, in one message. */
  answer(stream: number, head: ResponseHead, body: string | Uint8Array = ""): void {
    const bytes = Buffer.from(body);
    this.send(
      { type: "response", stream, json: head },
      ...(bytes.length === 0 ? [] : [{ type: "data" as const, stream, bytes }]),
      { type: "end", stream, total: bytes.length, json: undefined },
    );
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
    await this.closed;
  }
}

let instances = 0;

/** A HELLO as a real agent says it, except for what is given. */
export function helloOf(said: Partial<Hello> = {}): Hello {
  return {
    version: { min: 1, max: 1 },
    agent_version: "0.0.0-test",
    instance_id: `instance-${process.pid}-${++instances}`,
    machine_hash: "hand-made-machine",
    machine_name: "hand-made",
    allow_manage: false,
    max_concurrency: 8,
    state: { ollama: "ok", ollama_version: "0.33.0", models: [{ name: "bait:latest" }] },
    streams: [],
    ...said,
  };
}
