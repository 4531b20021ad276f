import { decode, encode } from "../../../shared/frame/codec.ts";
import type { Frame } from "../../../shared/frame/types.ts";
import { Acceptor, type Incoming } from "../../../shared/mux/acceptor.ts";
import type { Failure } from "../../../shared/mux/stream.ts";
import type { ResetCode } from "../../../shared/protocol/codes.ts";
import {
  type AgentState,
  type Hello,
  type RequestHead,
  type Welcome,
  welcome,
} from "../../../shared/protocol/messages.ts";
import type { AgentSocket } from "../socket.ts";
import { textOf } from "./bytes.ts";
import { type Ends, FakeSocket } from "./fake-socket.ts";

/** A brain's side of the sockets. */
export interface Dialled {
  connect(socket: AgentSocket, agentId: string): void;
  message(socket: AgentSocket, message: Uint8Array | string): void;
  closed(socket: AgentSocket): void;
}

/** A request as the agent has it: the test plays Ollama. */
export class FakeRequest {
  readonly #incoming: Incoming;
  readonly #received: Uint8Array[] = [];
  readonly #reads: () => boolean;
  bodyEnded = false;
  failure: Failure | undefined;

  constructor(incoming: Incoming, reads: () => boolean) {
    this.#incoming = incoming;
    this.#reads = reads;
  }

  readonly data = (bytes: Uint8Array): void => {
    this.#received.push(bytes.slice());
    if (this.#reads()) this.read(bytes.length);
  };

  /** Ollama takes this much of the body; by itself, unless its agent was told otherwise. */
  read(length: number): void {
    this.#incoming.stream.consume(length);
  }

  readonly end = (): void => {
    this.bodyEnded = true;
  };
  readonly failed = (reason: Failure): void => {
    this.failure = reason;
  };
  readonly drain = (): void => {};

  get head(): RequestHead {
    return this.#incoming.head;
  }
  get body(): string {
    return textOf(this.#received);
  }
  /** Neither side has ended it. */
  get open(): boolean {
    return this.failure === undefined && !this.#incoming.stream.over;
  }

  respond(status = 200, headers: [string, string][] = [["content-type", "application/x-ndjson"]]): this {
    this.#incoming.respond({ status, headers });
    return this;
  }
  write(text: string | Uint8Array): this {
    this.#incoming.stream.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
    return this;
  }
  finish(stats?: unknown): this {
    this.#incoming.stream.end(stats);
    return this;
  }
  /** An answer that breaks off after what was written. */
  cut(code: ResetCode): this {
    this.#incoming.stream.endWith(code);
    return this;
  }
  reset(code: ResetCode): this {
    this.#incoming.stream.reset(code);
    return this;
  }
  /** A whole short answer. */
  answer(text = '{"done":true}\n', status = 200): this {
    return this.respond(status).write(text).finish({ completion_tokens: 1, eval_duration: 1e8 });
  }
}

export interface FakeAgentOptions {
  id: string;
  name: string;
  instance?: string;
  machine?: string;
  hello?: Partial<Hello>;
  state?: AgentState;
  /** Plays Ollama for each request; else it waits for the test. */
  serve?: (request: FakeRequest) => void;
}

/** The agent program without a process, a socket or an Ollama: the real multiplexer on a wire made of arrays. */
export class FakeAgent {
  readonly id: string;
  readonly name: string;
  readonly requests: FakeRequest[] = [];
  readonly welcomes: Welcome[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  socket: FakeSocket | undefined;
  instance: string;
  machine: string;
  state: AgentState;
  /** False: its Ollama takes nothing of any body. */
  reads = true;
  readonly #options: FakeAgentOptions;
  #acceptor: Acceptor;

  constructor(options: FakeAgentOptions) {
    this.#options = options;
    this.id = options.id;
    this.name = options.name;
    this.instance = options.instance ?? `instance-of-${options.id}`;
    this.machine = options.machine ?? `machine-of-${options.id}`;
    this.state = options.state ?? {};
    this.#acceptor = this.#newAcceptor();
  }

  #newAcceptor(): Acceptor {
    return new Acceptor({
      defer: (task) => queueMicrotask(task),
      accept: (incoming) => {
        const request = new FakeRequest(incoming, () => this.reads);
        this.requests.push(request);
        // A turn later, as Ollama cannot answer before it was asked.
        const serve = this.#options.serve;
        if (serve !== undefined) queueMicrotask(() => serve(request));
        return request;
      },
    });
  }

  /** Requests that are not over. */
  get open(): FakeRequest[] {
    return this.requests.filter((request) => request.open);
  }
  get last(): FakeRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error(`${this.name} has no request`);
    return last;
  }
  get streams(): number {
    return this.#acceptor.size;
  }
  get online(): boolean {
    return this.socket !== undefined && this.welcomes.length > 0 && !this.socket.dead;
  }

  hello(over: Partial<Hello> = {}): Hello {
    return {
      version: { min: 1, max: 1 },
      agent_version: "0.1.0",
      instance_id: this.instance,
      machine_hash: this.machine,
      machine_name: this.name,
      allow_manage: true,
      state: { ollama: "ok", ollama_version: "0.20.0", ...this.state },
      streams: this.#acceptor.positions(),
      ...this.#options.hello,
      ...over,
    };
  }

  /** A socket that has said nothing yet. */
  connect(brain: Dialled, now: () => number): FakeSocket {
    const ends: Ends = {
      coordinator: brain,
      agent: {
        message: (message) => this.#message(socket, message),
        closed: (code, reason) => {
          this.closes.push(socket.closed ?? { code, reason });
          if (this.socket !== socket) return;
          this.#acceptor.detach();
          this.socket = undefined;
        },
      },
      now,
    };
    const socket = new FakeSocket(ends);
    this.socket = socket;
    brain.connect(socket, this.id);
    return socket;
  }

  /** Dials in and says HELLO; what it still has goes on. */
  dial(brain: Dialled, now: () => number, over: Partial<Hello> = {}): FakeSocket {
    const socket = this.connect(brain, now);
    socket.say(encode([{ type: "hello", stream: 0, json: this.hello(over) }]));
    return socket;
  }

  #message(socket: FakeSocket, message: Uint8Array): void {
    if (this.socket !== socket) return;
    for (const frame of decode(message)) {
      if (frame.type === "welcome") {
        const said = welcome.parse(frame.json);
        this.welcomes.push(said);
        this.#acceptor.attach(socket.agent, said.streams);
      } else {
        this.#acceptor.receive(frame);
      }
    }
  }

  /** Frames of its own making, valid or not. */
  say(...frames: Frame[]): void {
    this.socket?.say(encode(frames));
  }
  tell(state: AgentState): void {
    this.state = { ...this.state, ...state };
    this.say({ type: "state", stream: 0, json: state });
  }

  /** The connection breaks. */
  lose(): void {
    this.socket?.lose();
  }

  /** The program ends and starts again: another instance, which knows of nothing. */
  restart(instance: string): void {
    this.lose();
    this.#acceptor.cancelAll();
    this.#acceptor = this.#newAcceptor();
    this.instance = instance;
  }

  /** Its own resume window is over. */
  giveUp(): void {
    this.#acceptor.cancelAll();
  }
}
