import type { SettingsPatch } from "../../shared/api/settings.ts";
import type { Agent } from "./agent.ts";
import type { Call, Outcome } from "./api.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import { Control } from "./control.ts";
import type { Deps, Timer } from "./deps.ts";
import type { Feed } from "./feed/feed.ts";
import type { Limits } from "./limits/limits.ts";
import { compose } from "./parts.ts";
import type { Recorder } from "./recorder.ts";
import { type SlotGauge, slotGauge } from "./slot-gauge.ts";
import type { AgentSocket, SocketAttachment } from "./socket.ts";

/** While something runs or waits, agents that fell silent are looked for this often, ms. */
const SWEEP_MS = 5_000;
/** While a dashboard is open and nothing happens, this often, ms. */
const WATCH_MS = 10_000;

/** The brain: what is where, who waits, and who may. One object decides; the platforms only plug it in. */
export class Coordinator extends Control {
  #sweeper: Timer | undefined;
  #watcher: Timer | undefined;
  /** When the platform's alarm is due, as far as this life knows, ms. */
  #alarmAt = 0;

  /** @param locked settings that the environment decides; the API shows and does not change them */
  constructor(deps: Deps, locked: SettingsPatch = {}) {
    super(
      compose(
        deps,
        locked,
        () => this.#keepSweeping(),
        (watched) => this.#watched(watched),
      ),
    );
    // Once the platform has handed over the sockets that are still there.
    deps.defer(() => {
      this.#awaitReturn(this.parts.since);
      this.parts.placement.poke();
    });
  }

  get recorder(): Recorder {
    return this.parts.recorder;
  }

  /** Agents that were there before the restart at `since` are expected for one window, and then offline. */
  #awaitReturn(since: number): void {
    const missing = (): Agent[] =>
      [...this.parts.registry.all()].filter((agent) => agent.tunnel === undefined && agent.lostAt === since);
    if (missing().length === 0) return;
    // Pages that were there before know them as online.
    for (const agent of missing()) agent.touch();
    this.parts.deps.clock.after(this.parts.settings.value.resume_window_s * 1_000, () => {
      for (const agent of missing()) {
        // Heard of last in a life of ours that has left no word of when.
        agent.lastSeen = since;
        this.parts.sessions.giveUp(agent);
      }
    });
  }

  // Sockets of agents, called by the platform.

  connect(socket: AgentSocket, agentId: string): void {
    this.parts.sessions.connect(socket, agentId);
  }
  restore(socket: AgentSocket, attachment: SocketAttachment): void {
    this.parts.sessions.restore(socket, attachment);
  }
  message(socket: AgentSocket, message: Uint8Array | string): void {
    this.parts.sessions.message(socket, message);
  }
  closed(socket: AgentSocket): void {
    this.parts.sessions.closed(socket);
  }

  // Sockets of dashboards, called by the platform.

  /** What dashboards are told, and how many there are. */
  get feed(): Feed {
    return this.parts.feed;
  }

  #watched(watched: boolean): void {
    if (!watched) {
      this.#watcher?.cancel();
      this.#watcher = undefined;
    } else if (this.#watcher === undefined && this.#alarmAt <= this.parts.deps.clock.now()) {
      this.#watchIn(WATCH_MS);
    }
  }

  #watchIn(ms: number): void {
    const { alarm, clock } = this.parts.deps;
    if (alarm === undefined) {
      this.#watcher = clock.after(ms, () => this.watch());
    } else {
      // One that is set stays, also when the last page goes: setting it is a write, and pages come and go.
      this.#alarmAt = clock.now() + ms;
      alarm(ms);
    }
  }

  /** Looks for what time alone has changed; called by the platform's alarm, and goes on for as long as a dashboard is open. */
  watch(): void {
    this.#watcher = undefined;
    const { sessions, feed, deps } = this.parts;
    try {
      sessions.sweep();
      feed.sweep();
    } catch (error) {
      deps.log.error("the look at what has fallen silent failed; tried again", { error: String(error) });
    }
    if (feed.pages > 0) this.#watchIn(Math.min(WATCH_MS, sessions.silentIn()));
  }

  /** What every tunnel holds right now, for tests and metrics. */
  gauges(): { agent: string; streams: number; received_held: number; received_held_max: number }[] {
    return [...this.parts.registry.all()].flatMap((agent) =>
      agent.tunnel === undefined ? [] : [{ agent: agent.name, ...agent.tunnel.opener.gauge() }],
    );
  }

  /** Requests that run and that wait. */
  load(): { running: number; waiting: number; streams: number } {
    return {
      running: this.parts.forwarding.running,
      waiting: this.parts.scheduler.waiting,
      streams: this.parts.windows.streams,
    };
  }

  /** What is counted of each key's limits right now, for tests. */
  limitGauge(): ReturnType<Limits["gauge"]> {
    return this.parts.limits.gauge();
  }

  /** What is counted of each machine's places right now, by its id; for tests. */
  slotGauges(): Record<string, SlotGauge> {
    const now = this.parts.deps.clock.now();
    return Object.fromEntries(
      [...this.parts.registry.all()].map((agent) => [agent.id, slotGauge(agent, now)]),
    );
  }

  /** Writes down everything that is not written yet; for an orderly stop. */
  async settle(): Promise<void> {
    this.parts.saver.save();
    await this.parts.recorder.flush();
  }

  async forward(call: Call, body: ByteSource | null, client: ClientSide): Promise<Outcome> {
    this.parts.sessions.sweep();
    this.#keepSweeping();
    return this.parts.forwarding.forward(call, body, client);
  }

  #keepSweeping(): void {
    this.#sweeper ??= this.parts.deps.clock.after(SWEEP_MS, () => {
      this.#sweeper = undefined;
      this.parts.sessions.sweep();
      if (this.parts.forwarding.running + this.parts.scheduler.waiting + this.parts.placement.running > 0)
        this.#keepSweeping();
      else if (this.parts.access.hasUnsaved) this.parts.saver.arm();
    });
  }
}
