import type { AgentState, Yielding } from "../../shared/protocol/messages.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import type { Agent } from "../core/agent.ts";
import { normalBase } from "../core/coordinator-url.ts";
import type { AgentEvent } from "../core/observer.ts";
import type { Keeper } from "../ollama/keeper/keeper.ts";
import { AgentLoop, type LoopEnd } from "./agent-loop.ts";
import type { Command, CommandResult } from "./command.ts";
import { connectionAfter, connectionAtEnd } from "./connection-status.ts";
import { Drain } from "./drain.ts";
import { type Note, textOfEvent } from "./event-text.ts";
import { ollamaStatus } from "./ollama-status.ts";
import { OllamaView } from "./ollama-view.ts";
import type { LockedSettings, OwnerSettings, OwnerSettingsChange } from "./owner-settings.ts";
import { perform } from "./perform.ts";
import type { ProgramApi } from "./program-api.ts";
import type { ProgramOptions, ProgramParts, Sharing } from "./program-parts.ts";
import { RecentLog } from "./recent-log.ts";
import { type Pause, yieldingOf } from "./sharing/decide.ts";
import type { AgentStatus, ConnectionStatus } from "./status.ts";
import { Subscribers } from "./subscribers.ts";

/** One machine's whole program: its agent, its Ollama and its owner's word, for whichever face shows it. */
export class Program implements ProgramApi {
  readonly #options: ProgramOptions;
  readonly #parts: ProgramParts;
  readonly #keeper: Keeper;
  readonly #sharing: Sharing;
  readonly #loop: AgentLoop<Agent>;
  readonly #drain: Drain;
  readonly #log = new RecentLog();
  readonly #subscribers: Subscribers<AgentStatus>;
  readonly #startedAt: string;
  #connection: ConnectionStatus = { state: "unconfigured" };
  /** Looks at Ollama while no agent does. */
  #view: OllamaView | undefined;
  #answeredBefore = 0;
  #updating = false;
  #released = false;

  constructor(options: ProgramOptions, parts: ProgramParts) {
    this.#options = options;
    this.#parts = parts;
    const { clock } = parts;
    this.#startedAt = parts.wallClock().toISOString();
    this.#subscribers = new Subscribers(clock, () => this.status());
    this.#drain = new Drain({
      clock,
      running: () => this.#loop.agent?.running ?? 0,
      hold: (held) => {
        this.#updating = held;
        this.#applySharing();
      },
    });
    this.#sharing = parts.sharing(() => this.#sharingChanged());
    this.#keeper = parts.keeper({
      drain: (signal) => this.#drain.begin(signal),
      idle: () => (this.#loop.agent?.running ?? 0) === 0,
      autoUpdate: () => this.#word.auto_update,
      moved: (url) => this.#looker()?.moveOllama(url),
      refresh: () => this.#looker()?.lookAtOllama(),
      changed: () => this.#subscribers.changed(),
      tell: (level, text) => this.#observe({ type: "note", level, text }),
    });
    this.#loop = new AgentLoop<Agent>({
      attended: options.attended,
      make: () => this.#makeAgent(),
      begins: (agent) => {
        this.#view?.stop();
        this.#view = undefined;
        agent.setSharing(this.#yielding());
      },
      over: (agent) => {
        this.#answeredBefore += agent.answered;
        this.#drain.runningChanged();
      },
      ended: (end) => this.#ended(end),
    });
  }

  /** Runs until `stop`, or where nobody attends until a person must act. Call once. @throws IdentityError, SettingsError */
  async run(): Promise<LoopEnd> {
    await this.#sharing.start();
    // Not waited for: whoever waits for an install has time to type a code.
    const kept = this.#keeper.start();
    try {
      return await this.#loop.run();
    } finally {
      this.#sharing.stop();
      await this.release();
      await kept;
    }
  }

  /** No new work from now on; running answers get `graceMs`. `run` resolves when all is over. */
  stop(options: { graceMs: number }): Promise<void> {
    return this.#loop.stop(options);
  }

  /** Looks after Ollama alone, for a command that needs no coordinator; ended with `release`. */
  async tend(): Promise<void> {
    // Whoever gives a command knows what they want: nothing is looked up to ask them.
    await this.#keeper.start({ offerInstall: false });
    if (!this.#released) this.#watchOllama();
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#keeper.stop();
    this.#view?.stop();
    this.#view = undefined;
    this.#parts.closeSensors();
    this.#subscribers.stop();
  }

  /** The machine slept: what was lost meanwhile is looked for at once. */
  woke(): void {
    this.#loop.agent?.retryNow();
    this.#looker()?.lookAtOllama();
  }

  /** Leaves nothing running; for an end that cannot wait. */
  endNow(): void {
    this.#keeper.endNow();
  }

  /** Models are in the state directory, and not where the user's own are. */
  get hasOwnModels(): boolean {
    return this.#keeper.hasOwnModels;
  }

  status(): AgentStatus {
    const { stateDir } = this.#options;
    const agent = this.#loop.agent;
    return {
      version: PROGRAM_VERSION,
      pid: process.pid,
      started_at: this.#startedAt,
      state_dir: stateDir,
      name: this.#name(),
      coordinator_url: this.#word.coordinator_url,
      connection: this.#connection,
      sharing: this.#updating
        ? { state: "yielding", reason: "updating", detail: null, until: null }
        : this.#sharing.status,
      running: agent?.running ?? 0,
      answered: this.#answeredBefore + (agent?.answered ?? 0),
      ollama: ollamaStatus(this.#keeper, this.#seen()),
      job: this.#keeper.job ?? null,
      question: this.#keeper.question ?? null,
      failure: this.#keeper.failure ?? null,
    };
  }

  settings(): { settings: OwnerSettings; locked: LockedSettings } {
    return { settings: this.#word, locked: this.#parts.word.locked };
  }

  subscribe(changed: (status: AgentStatus) => void): () => void {
    return this.#subscribers.add(changed);
  }

  recentLog(): readonly string[] {
    return this.#log.lines;
  }

  perform(command: Command): Promise<CommandResult> {
    return perform(command, {
      keeper: this.#keeper,
      pause: (until) => this.#pause({ until: until ?? undefined }),
      resume: () => this.#pause(undefined),
      pair: () => this.#pair(),
      logout: () => this.#logout(),
      configure: (changes) => this.#configure(changes),
    });
  }

  get #word(): OwnerSettings {
    return this.#parts.word.settings;
  }

  #name(): string {
    return this.#word.name ?? this.#options.defaultName;
  }

  #makeAgent(): Agent | undefined {
    const { coordinator_url, max_concurrency, allow_manage, allow_cloud } = this.#word;
    if (coordinator_url === null) return undefined;
    const { joinToken, stateDir, heartbeatMs, ollamaParallel, machineHash } = this.#options;
    return this.#parts.agent(
      {
        coordinatorUrl: coordinator_url,
        joinToken,
        stateDir,
        heartbeatMs,
        ollamaParallel,
        machineHash,
        name: this.#name(),
        ollamaUrl: this.#keeper.url,
        maxConcurrency: max_concurrency ?? undefined,
        allowManage: allow_manage,
        allowCloud: allow_cloud,
      },
      (event) => this.#agentEvent(event),
    );
  }

  #agentEvent(event: AgentEvent): void {
    this.#connection = connectionAfter(this.#connection, event, this.#parts.wallClock().getTime());
    if (event.type === "ollama") this.#keeper.seen(event.state);
    if (event.type === "running") this.#drain.runningChanged();
    this.#observe(event);
  }

  #ended(end: LoopEnd): void {
    this.#connection = connectionAtEnd(end);
    if (this.#options.attended) this.#watchOllama();
    this.#subscribers.changed();
  }

  #watchOllama(): void {
    let before: AgentState["ollama"];
    this.#view?.stop();
    this.#view = new OllamaView({
      clock: this.#parts.clock,
      url: this.#keeper.url,
      seen: ({ ollama }) => {
        if (ollama !== undefined && ollama !== before) this.#keeper.seen(ollama);
        before = ollama;
        this.#subscribers.changed();
      },
    });
  }

  #looker(): Pick<Agent, "moveOllama" | "lookAtOllama"> | undefined {
    return this.#loop.agent ?? this.#view;
  }

  #seen(): Readonly<AgentState> {
    return this.#loop.agent?.seen ?? this.#view?.seen ?? {};
  }

  #yielding(): Yielding | null {
    return this.#updating ? { reason: "updating" } : yieldingOf(this.#sharing.status);
  }

  #applySharing(): void {
    this.#loop.agent?.setSharing(this.#yielding());
    this.#subscribers.changed();
  }

  #sharingChanged(): void {
    const { status } = this.#sharing;
    const text =
      status.state === "sharing"
        ? "this machine is shared again"
        : `this machine yields: ${status.reason}${status.detail === null ? "" : ` (${status.detail})`}`;
    this.#observe({ type: "note", level: "info", text });
    this.#applySharing();
  }

  async #pause(pause: Pause | undefined): Promise<void> {
    if (pause === undefined) this.#sharing.resume();
    else this.#sharing.pause(pause.until);
    await this.#parts.word.keepPause(pause);
  }

  #pair(): string | undefined {
    if (this.#word.coordinator_url === null) return "there is no coordinator URL yet";
    if (this.#loop.agent !== undefined) return "this machine is being let in, or is in already";
    void this.#loop.again();
    return undefined;
  }

  #logout(): Promise<void> {
    return this.#loop.leave(async () => void (await this.#parts.identity.delete()));
  }

  async #configure(changes: OwnerSettingsChange): Promise<void> {
    const before = this.#word;
    await this.#parts.word.change({
      ...changes,
      ...(changes.coordinator_url == null ? {} : { coordinator_url: normalBase(changes.coordinator_url) }),
    });
    const { coordinator_url, name, sharing, max_concurrency, allow_manage, allow_cloud } = this.#word;
    this.#sharing.setRules(sharing);
    this.#subscribers.changed();
    if (allow_cloud !== before.allow_cloud) this.#keeper.restart();
    if (coordinator_url !== before.coordinator_url || name !== before.name) {
      void this.#loop.again();
      return;
    }
    this.#loop.agent?.setOwner({
      maxConcurrency: max_concurrency ?? undefined,
      allowManage: allow_manage,
      allowCloud: allow_cloud,
    });
  }

  #observe(event: AgentEvent | Note): void {
    const told = textOfEvent(event);
    if (told !== undefined && told.level !== "debug") {
      this.#log.add(`${this.#parts.wallClock().toISOString()} ${told.text}`);
    }
    this.#parts.observe(event);
    this.#subscribers.changed();
  }
}
