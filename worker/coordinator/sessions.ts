import type { Settings } from "../../shared/api/settings.ts";
import { decode } from "../../shared/frame/codec.ts";
import { FrameError } from "../../shared/frame/error.ts";
import type { Frame } from "../../shared/frame/types.ts";
import type { Traffic } from "../../shared/mux/traffic.ts";
import { CLOSE_CODES, type CloseCode } from "../../shared/protocol/codes.ts";
import { TIMES } from "../../shared/protocol/limits.ts";
import { agentState, type Hello, hello, issueOf } from "../../shared/protocol/messages.ts";
import { pickVersion, VERSION_MAX, VERSION_MIN } from "../../shared/protocol/version.ts";
import type { Agent } from "./agent.ts";
import type { Deps, Timer } from "./deps.ts";
import { closeReason, describedBy, welcomeOf } from "./greeting.ts";
import { hearWishes } from "./owner-wishes.ts";
import type { Recorder } from "./recorder.ts";
import type { Registry } from "./registry.ts";
import type { AgentSocket, SocketAttachment } from "./socket.ts";
import { Tunnel } from "./tunnel.ts";
import type { Windows } from "./windows.ts";

/** Silence is judged at most this often, ms: with a thousand agents a look at each for every request would show. */
const SWEEP_MS = 1_000;

/** How busy a machine is: comes often, decides nothing, and is not worth a write. */
const USAGE: ReadonlySet<string> = new Set(["cpu_usage", "memory_usage", "gpus"]);
/** What it has room for: decides where models go, and nothing for who waits. */
const ROOM: ReadonlySet<string> = new Set(["disk_free_mb", "memory_total_mb"]);

/** A socket before and after its HELLO. */
type Connection =
  | { phase: "greeting"; agentId: string; timer: Timer }
  | { phase: "open"; agent: Agent; tunnel: Tunnel };

export interface SessionsOptions {
  deps: Pick<Deps, "clock" | "random" | "defer" | "log">;
  registry: Registry;
  recorder: Recorder;
  windows: Windows;
  settings: () => Settings;
  /** What an agent is or says has changed. */
  changed: (agent: Agent) => void;
  /** It has said how much room it has, and nothing else. */
  measured: (agent: Agent) => void;
  /** Its socket is lost: requests that nobody has seen a byte of may go elsewhere. */
  detached: (agent: Agent) => void;
  /** HELLO said something new of the machine, which is to be stored. */
  described: (agent: Agent) => void;
}

/** Sockets of agents: greets them, ties them to tunnels, notices that they are gone or silent. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #connections = new Map<AgentSocket, Connection>();
  #sweptAt = 0;
  /** What has gone through all tunnels. */
  readonly traffic: { readonly received: Traffic; readonly sent: Traffic } = {
    received: { bytes: 0, frames: 0 },
    sent: { bytes: 0, frames: 0 },
  };

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get #now(): number {
    return this.#options.deps.clock.now();
  }

  /** An authenticated socket; its first message must be HELLO, soon. */
  connect(socket: AgentSocket, agentId: string): void {
    socket.remember({ agent_id: agentId });
    const timer = this.#options.deps.clock.after(TIMES.hello_ms, () =>
      this.#close(socket, "hello_timeout", `no HELLO within ${TIMES.hello_ms} ms`),
    );
    this.#connections.set(socket, { phase: "greeting", agentId, timer });
  }

  /** A socket that outlived the memory of this object: its streams are gone, its agent is not. */
  restore(socket: AgentSocket, attachment: SocketAttachment): void {
    const agent = this.#options.registry.get(attachment.agent_id);
    if (agent === undefined || attachment.open === undefined) {
      socket.close(CLOSE_CODES.disconnected, "dial again");
      return;
    }
    const tunnel = this.#tunnel({
      instanceId: attachment.open.instance_id,
      machineHash: attachment.open.machine_hash,
      connectedAt: attachment.open.connected_at,
    });
    tunnel.socket = socket;
    tunnel.opener.link.attach(socket);
    agent.tunnel = tunnel;
    agent.lostAt = undefined;
    this.#connections.set(socket, { phase: "open", agent, tunnel });
  }

  #tunnel(of: { instanceId: string; machineHash: string; connectedAt: number }): Tunnel {
    return new Tunnel({
      ...of,
      defer: this.#options.deps.defer,
      random: this.#options.deps.random,
      window: this.#options.windows.current,
      sent: this.traffic.sent,
    });
  }

  /** One WebSocket message; text other than the ping, which the platform answers, is not allowed (TN15). */
  message(socket: AgentSocket, message: Uint8Array | string): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    try {
      if (typeof message === "string") throw new FrameError("text message");
      const frames = decode(message);
      this.traffic.received.bytes += message.length;
      this.traffic.received.frames += frames.length;
      for (const frame of frames) this.#frame(socket, frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.deps.log.warn("agent broke the protocol", { error: error.message });
      // Looked up anew: its HELLO may stand in this very message. Resumed, its streams would meet the same frame again, so
      // they end now; the agent itself dials again and counts as coming back.
      const broken = this.#connections.get(socket);
      if (broken?.phase === "open") broken.tunnel.opener.failAll("agent_lost");
      this.#close(socket, "protocol_error", error.message);
    }
  }

  #frame(socket: AgentSocket, frame: Frame): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    if (connection.phase === "greeting") {
      if (frame.type !== "hello") throw new FrameError(`${frame.type} frame before HELLO`);
      const parsed = hello.safeParse(frame.json);
      if (!parsed.success) throw new FrameError(`hello: ${issueOf(parsed.error)}`);
      connection.timer.cancel();
      this.#greet(socket, connection.agentId, parsed.data);
    } else if (frame.type === "state") {
      const parsed = agentState.safeParse(frame.json);
      if (!parsed.success) throw new FrameError(`state: ${issueOf(parsed.error)}`);
      const { agent } = connection;
      hearWishes(agent, this.#options.recorder, () => agent.update(parsed.data));
      const fields = Object.keys(parsed.data).filter((field) => !USAGE.has(field));
      if (fields.some((field) => !ROOM.has(field))) this.#options.changed(connection.agent);
      else if (fields.length > 0) this.#options.measured(connection.agent);
    } else {
      connection.tunnel.opener.receive(frame);
    }
  }

  #greet(socket: AgentSocket, agentId: string, said: Hello): void {
    const agent = this.#options.registry.get(agentId);
    if (agent === undefined) {
      this.#close(socket, "revoked", "this agent was removed");
      return;
    }
    const version = pickVersion(said.version);
    if (version === undefined) {
      this.#close(
        socket,
        "version",
        `this coordinator speaks ${VERSION_MIN} to ${VERSION_MAX}, you ${said.version.min} to ${said.version.max}`,
      );
      return;
    }
    if (this.#otherMachineLives(agent, said.machine_hash)) {
      this.#options.recorder.event("identity_conflict", agent.id, { machine_name: said.machine_name });
      this.#close(socket, "identity_conflict", "another machine uses this agent's token and is alive");
      return;
    }
    const tunnel = this.#takeOver(agent, said);
    tunnel.socket = socket;
    agent.tunnel = tunnel;
    agent.lostAt = undefined;
    this.#connections.set(socket, { phase: "open", agent, tunnel });
    socket.remember({
      agent_id: agentId,
      open: {
        instance_id: said.instance_id,
        machine_hash: said.machine_hash,
        connected_at: tunnel.connectedAt,
      },
    });
    hearWishes(agent, this.#options.recorder, () => agent.introduce(said));
    const record = describedBy(agent.record, said);
    if (record !== undefined) {
      agent.record = record;
      this.#options.described(agent);
    }
    tunnel.opener.attach(socket, said.streams, (streams) => ({
      type: "welcome",
      stream: 0,
      json: welcomeOf(agent.record, version, streams, this.#options.settings()),
    }));
    this.#options.recorder.event("agent_online", agent.id, { agent_version: said.agent_version });
    this.#options.changed(agent);
  }

  #otherMachineLives(agent: Agent, machineHash: string): boolean {
    if (agent.facts.machine_hash === undefined || agent.facts.machine_hash === machineHash) return false;
    const socket = agent.tunnel?.socket;
    if (socket !== undefined) return this.#now - socket.lastHeard() <= TIMES.silent_ms;
    return agent.presence(this.#now, this.#options.settings().resume_window_s * 1_000) === "coming_back";
  }

  /** The tunnel that this HELLO continues, or a new one in place of the old. */
  #takeOver(agent: Agent, said: Hello): Tunnel {
    const old = agent.tunnel;
    const oldSocket = old?.socket;
    if (old !== undefined && oldSocket !== undefined) {
      this.#connections.delete(oldSocket);
      old.opener.detach();
      old.socket = undefined;
      oldSocket.close(CLOSE_CODES.replaced, "a newer connection took over");
    }
    if (old?.instanceId === said.instance_id) return old;
    if (old !== undefined) this.#lose(agent, old);
    return this.#tunnel({
      instanceId: said.instance_id,
      machineHash: said.machine_hash,
      connectedAt: this.#now,
    });
  }

  /** The platform says that the socket is closed. */
  closed(socket: AgentSocket): void {
    const connection = this.#connections.get(socket);
    this.#connections.delete(socket);
    if (connection === undefined) return;
    if (connection.phase === "greeting") connection.timer.cancel();
    else this.#detach(connection.agent, connection.tunnel, socket);
  }

  #detach(agent: Agent, tunnel: Tunnel, socket: AgentSocket): void {
    if (tunnel.socket !== socket) return;
    agent.lastSeen = socket.lastHeard();
    tunnel.socket = undefined;
    tunnel.opener.detach();
    if (agent.tunnel !== tunnel) return;
    this.#options.recorder.event("agent_offline", agent.id, { stopping: agent.state.stopping === true });
    if (agent.state.stopping === true) {
      agent.lostAt = undefined;
      this.#lose(agent, tunnel);
    } else {
      agent.lostAt = this.#now;
      this.#options.detached(agent);
      this.#awaitReturn(agent, tunnel);
    }
    this.#options.changed(agent);
  }

  /** An agent and its streams are waited for no longer than the resume window. */
  #awaitReturn(agent: Agent, tunnel: Tunnel): void {
    const lostAt = agent.lostAt;
    this.#options.deps.clock.after(this.#options.settings().resume_window_s * 1_000, () => {
      // Another program of this agent took over, or this one was back and is lost anew.
      if (agent.tunnel !== tunnel || agent.lostAt !== lostAt) return;
      this.#lose(agent, tunnel);
      this.giveUp(agent);
    });
  }

  /** It has not come back: what is written down must not say after the next restart that it is expected. */
  giveUp(agent: Agent): void {
    agent.lostAt = undefined;
    this.#options.changed(agent);
  }

  /** This program will not be back: its streams fail. */
  #lose(agent: Agent, tunnel: Tunnel): void {
    if (agent.tunnel === tunnel) agent.tunnel = undefined;
    tunnel.opener.failAll("agent_lost");
  }

  /** Ends an agent's connection from this side. `revoked`: for good. */
  disconnect(agent: Agent, code: CloseCode, reason: string): void {
    const tunnel = agent.tunnel;
    const socket = tunnel?.socket;
    if (tunnel === undefined) return;
    if (code === "revoked") this.#lose(agent, tunnel);
    if (socket !== undefined) {
      this.#connections.delete(socket);
      this.#detach(agent, tunnel, socket);
      socket.close(CLOSE_CODES[code], reason);
    }
  }

  #close(socket: AgentSocket, code: CloseCode, reason: string): void {
    const connection = this.#connections.get(socket);
    this.#connections.delete(socket);
    if (connection?.phase === "greeting") connection.timer.cancel();
    if (connection?.phase === "open") this.#detach(connection.agent, connection.tunnel, socket);
    socket.close(CLOSE_CODES[code], closeReason(reason));
  }

  /** Closes sockets on which nothing was heard for too long. Called whenever state is used, so it looks once a second. */
  sweep(): void {
    const now = this.#now;
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    const deadline = now - TIMES.silent_ms;
    for (const [socket, connection] of this.#connections) {
      if (connection.phase === "open" && socket.lastHeard() < deadline) {
        this.#close(socket, "silent", `nothing heard for ${TIMES.silent_ms} ms`);
      }
    }
  }

  /** How long until the first of those that say nothing counts as silent, ms: at least a second, infinite without any. */
  silentIn(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const [socket, { phase }] of this.#connections) {
      if (phase === "open") first = Math.min(first, socket.lastHeard());
    }
    return Math.max(SWEEP_MS, first + TIMES.silent_ms + 1 - this.#now);
  }
}
