import { decode, encode } from "../../frame/codec.ts";
import type { Frame } from "../../frame/types.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { hello, type StreamPosition, welcome } from "../../protocol/messages.ts";
import { Acceptor, type Incoming } from "../acceptor.ts";
import { Opener } from "../opener.ts";
import { Endpoint } from "./endpoint.ts";
import { FakeTransport, Turn } from "./fake-transport.ts";

const STATE = {
  version: { min: 1, max: 1 },
  agent_version: "0",
  instance_id: "instance-0",
  machine_hash: "machine-0",
  machine_name: "m",
  allow_manage: true,
  state: {},
};
const TERMS = {
  version: 1,
  agent_id: "a",
  name: "m",
  heartbeat_ms: 1,
  resume_window_ms: 1,
  connect_ms: 1,
  first_byte_ms: 1,
  idle_ms: 1,
};
export const HEAD = { method: "POST" as const, path: "/api/chat", headers: [], content_length: -1 };

function frameOf(type: "hello" | "welcome", json: unknown): Frame {
  return { type, stream: 0, json };
}

/** One socket: what each end has sent and the other has not got yet. */
class Socket {
  readonly agent = new FakeTransport();
  readonly coordinator = new FakeTransport();
}

/** One request, as both sides see it. */
export interface Call {
  id: number;
  client: Endpoint;
  /** Set when the request reached the agent. */
  server: Endpoint | undefined;
  incoming: Incoming | undefined;
  responded: boolean;
  /** Somebody ended it before its time, so that it need not be complete. */
  disturbed: boolean;
}

/** A coordinator and an agent on a network whose every step the test takes by hand. */
export class World {
  readonly turns = { opener: new Turn(), acceptor: new Turn() };
  readonly calls: Call[] = [];
  /** The most that one stream ever had received and not consumed, on the coordinator and on the agent. */
  readonly most = { opener: 0, acceptor: 0 };
  accepted = 0;
  window: number = LIMITS.window_bytes;
  readonly opener: Opener;
  readonly acceptor: Acceptor;
  /** The agent's socket and the coordinator's: for a while after a loss they differ. */
  #dialled: Socket | undefined;
  #welcomed = false;
  #served: Socket | undefined;
  readonly #sockets: Socket[] = [];
  #newest = 0;

  constructor() {
    this.opener = new Opener({
      defer: this.turns.opener.defer,
      window: () => this.window,
      firstId: 0xffff_fffd,
    });
    this.acceptor = new Acceptor({
      defer: this.turns.acceptor.defer,
      accept: (incoming) => this.#accept(incoming),
    });
  }

  get online(): boolean {
    return this.#welcomed && this.#dialled !== undefined && this.#served === this.#dialled;
  }

  #accept(incoming: Incoming): Endpoint {
    this.accepted++;
    const call = this.calls.find(({ id }) => id === incoming.stream.id);
    if (call === undefined) throw new Error("a stream that nobody opened");
    if (call.server !== undefined) throw new Error(`stream ${call.id} was run twice`);
    const salt = this.calls.indexOf(call) * 2;
    const server = new Endpoint(`server ${call.id}`, { out: salt + 1, in: salt });
    server.stream = incoming.stream;
    call.server = server;
    call.incoming = incoming;
    return server;
  }

  open(): Call {
    const salt = this.calls.length * 2;
    const client = new Endpoint(`client ${this.calls.length}`, { out: salt, in: salt + 1 });
    const stream = this.opener.open(HEAD, client);
    client.stream = stream;
    const call: Call = {
      id: stream.id,
      client,
      server: undefined,
      incoming: undefined,
      responded: false,
      disturbed: false,
    };
    this.calls.push(call);
    return call;
  }

  respond(call: Call): void {
    if (call.responded || call.incoming === undefined) return;
    call.responded = true;
    call.incoming.respond({ status: 200, headers: [["content-type", "text/plain"]] });
  }

  dial(): void {
    if (this.#dialled !== undefined) return;
    const socket = new Socket();
    this.#dialled = socket;
    this.#sockets.push(socket);
    this.#welcomed = false;
    const message = { ...STATE, streams: this.acceptor.positions() };
    socket.agent.send(encode([frameOf("hello", message)]), () => {});
  }

  /** The agent's end of the socket dies: what it has sent so far may still arrive, what was on its way to it does not. */
  loseAtAgent(arrives: number): void {
    const socket = this.#dialled;
    if (socket === undefined) return;
    this.acceptor.detach();
    this.#dialled = undefined;
    this.#welcomed = false;
    socket.agent.drainAll();
    socket.agent.wire.length = Math.min(socket.agent.wire.length, arrives);
    socket.coordinator.wire.length = 0;
  }

  /** The coordinator's end dies first. */
  loseAtCoordinator(arrives: number): void {
    const socket = this.#served;
    if (socket === undefined) return;
    this.opener.detach();
    this.#served = undefined;
    socket.coordinator.drainAll();
    socket.coordinator.wire.length = Math.min(socket.coordinator.wire.length, arrives);
    socket.agent.wire.length = 0;
    socket.agent.buffer.length = 0;
  }

  drain(side: "agent" | "coordinator"): void {
    (side === "agent" ? this.#dialled?.agent : this.#served?.coordinator)?.drain();
  }

  /** The next message to the coordinator arrives, of whichever socket is `pick`ed. */
  deliverToCoordinator(pick: number): boolean {
    const waiting = this.#sockets.filter(({ agent }) => agent.wire.length > 0);
    const socket = waiting[pick % Math.max(1, waiting.length)];
    const message = socket?.agent.wire.shift();
    if (socket === undefined || message === undefined) return false;
    for (const frame of decode(message)) {
      if (frame.type === "hello") {
        const { streams } = hello.parse(frame.json);
        // Connections of one agent do not overtake each other: it gives up one before it dials the next.
        if (this.#sockets.indexOf(socket) < this.#newest) return true;
        this.#newest = this.#sockets.indexOf(socket);
        if (this.#served !== undefined && this.#served !== socket) this.opener.detach();
        this.#served = socket;
        this.opener.attach(socket.coordinator, streams, (kept: StreamPosition[]) =>
          frameOf("welcome", { ...TERMS, streams: kept }),
        );
      } else if (this.#served === socket) {
        this.opener.receive(frame);
      }
    }
    return true;
  }

  deliverToAgent(): boolean {
    const socket = this.#dialled;
    const message = socket?.coordinator.wire.shift();
    if (socket === undefined || message === undefined) return false;
    for (const frame of decode(message)) {
      if (frame.type !== "welcome") {
        this.acceptor.receive(frame);
        continue;
      }
      this.#welcomed = true;
      this.acceptor.attach(socket.agent, welcome.parse(frame.json).streams);
    }
    return true;
  }

  /** What holds after every step. */
  check(): void {
    const opener = this.opener.gauge();
    const acceptor = this.acceptor.gauge();
    this.most.opener = Math.max(this.most.opener, opener.received_held_max);
    this.most.acceptor = Math.max(this.most.acceptor, acceptor.received_held_max);
    if (opener.received_held_max > LIMITS.window_bytes)
      throw new Error(`coordinator holds ${opener.received_held_max}`);
    if (acceptor.received_held_max > LIMITS.request_window_bytes)
      throw new Error(`agent holds ${acceptor.received_held_max}`);
  }

  /** Nothing disturbs any more: everybody writes what is left, reads what comes and ends. */
  settle(): void {
    // A socket of which only one end is left is given up; a HELLO that got through still counts.
    if (!this.online) this.loseAtAgent(Number.MAX_SAFE_INTEGER);
    for (let round = 0; round < 2_000; round++) {
      this.dial();
      for (const call of this.calls) this.#finish(call);
      this.turns.opener.end();
      this.turns.acceptor.end();
      this.drain("agent");
      this.drain("coordinator");
      const moved = [this.deliverToCoordinator(0), this.deliverToAgent()];
      this.check();
      const busy = moved.includes(true) || this.turns.opener.pending + this.turns.acceptor.pending > 0;
      if (!busy && this.online && this.opener.size === 0 && this.acceptor.size === 0) return;
    }
    throw new Error(`not at rest: ${JSON.stringify([this.opener.gauge(), this.acceptor.gauge()])}`);
  }

  #finish(call: Call): void {
    call.client.finish();
    call.client.consume(Number.MAX_SAFE_INTEGER);
    if (call.server === undefined) return;
    call.server.consume(Number.MAX_SAFE_INTEGER);
    if (call.server.gaveUp || call.server.failures.length > 0) return;
    this.respond(call);
    call.server.finish({ completion_tokens: call.server.written });
  }
}
