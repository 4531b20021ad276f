import { randomUUID } from "node:crypto";
import type { RegisterRequest } from "../../shared/api/register.ts";
import type { AgentState, Gpu, Hello, Yielding } from "../../shared/protocol/messages.ts";
import { PROGRAM_VERSION, VERSION_MAX, VERSION_MIN } from "../../shared/protocol/version.ts";
import type { Clock } from "./clock.ts";
import { CloudModels } from "./cloud-models.ts";
import { Connection } from "./connection/connection.ts";
import { Forwarder } from "./forwarder/forwarder.ts";
import { OllamaTarget } from "./forwarder/ollama-target.ts";
import { type Identity, IdentityFile } from "./identity/identity-file.ts";
import { displayAddress, osName } from "./machine.ts";
import type { Observe } from "./observer.ts";
import type { ProxyRoute } from "./proxy.ts";
import { Enrolment } from "./register/enrolment.ts";
import type { NotPaired } from "./register/pairing.ts";
import type { Capacity } from "./telemetry/capacity.ts";
import { MachineWatch } from "./telemetry/machine-watch.ts";
import { OllamaClient } from "./telemetry/ollama-client.ts";
import { OllamaWatch } from "./telemetry/ollama-watch.ts";
import { StateReporter } from "./telemetry/state-reporter.ts";
import type { Usage } from "./telemetry/usage.ts";

const FIRST_LOOK_MS = 2_000;

export interface AgentOptions {
  coordinatorUrl: string;
  /** Undefined: without an identity it asks to be let in, and shows a code. */
  joinToken: string | undefined;
  ollamaUrl: string;
  name: string;
  stateDir: string;
  maxConcurrency: number | undefined;
  allowManage: boolean;
  /** Requests may use models of ollama.com; absent: no. */
  allowCloud?: boolean;
  heartbeatMs: number | undefined;
  /** OLLAMA_NUM_PARALLEL where the owner has said it. */
  ollamaParallel: number | undefined;
  machineHash: string;
}

/** What the owner may change while the agent runs. */
export type OwnerChoice = Required<Pick<AgentOptions, "maxConcurrency" | "allowManage" | "allowCloud">>;

export interface AgentDeps {
  clock: Clock;
  /** From 0 (inclusive) to 1. */
  random(): number;
  proxy: ProxyRoute;
  sampleUsage(): Usage;
  readGpus(): Promise<Gpu[]>;
  readCapacity(): Promise<Capacity>;
  /** OLLAMA_NUM_PARALLEL of the Ollama that runs, where it can be seen; never rejects. */
  readParallel(): Promise<number | undefined>;
  observe: Observe;
}

export type Outcome =
  | { type: "stopped" }
  /** A newer process of the same agent took over. */
  | { type: "replaced" }
  | NotPaired
  | { type: "fatal"; message: string };

/** One machine's agent: registers it, keeps its tunnel open and answers requests from its Ollama. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #deps: AgentDeps;
  readonly #identityFile: IdentityFile;
  readonly #enrolment: Enrolment;
  readonly #target: OllamaTarget;
  readonly #forwarder: Forwarder;
  readonly #state: StateReporter;
  readonly #ollama: OllamaWatch;
  readonly #machine: MachineWatch;
  readonly #instanceId = randomUUID();
  readonly #cloud = new CloudModels();
  #owner: OwnerChoice;
  #connection: Connection | undefined;
  #stopping = false;

  constructor(options: AgentOptions, deps: AgentDeps) {
    this.#options = options;
    this.#deps = deps;
    const { clock, observe } = deps;
    const { maxConcurrency, allowManage, allowCloud = false } = options;
    this.#owner = { maxConcurrency, allowManage, allowCloud };
    this.#identityFile = new IdentityFile(options.stateDir);
    this.#enrolment = new Enrolment(
      {
        coordinatorUrl: options.coordinatorUrl,
        joinToken: options.joinToken,
        file: this.#identityFile,
        machine: () => this.#machineFacts(),
      },
      deps,
    );
    this.#target = new OllamaTarget(options.ollamaUrl);
    this.#state = new StateReporter((changes) => this.#connection?.sendState(changes) ?? false);
    const client = new OllamaClient(this.#target, clock);
    this.#ollama = new OllamaWatch({ client, clock, report: (changes) => this.#ollamaReport(changes) });
    this.#machine = new MachineWatch({
      clock,
      sample: deps.sampleUsage,
      gpus: deps.readGpus,
      capacity: deps.readCapacity,
      report: (changes) => this.#state.update(changes),
    });
    this.#forwarder = new Forwarder({
      target: this.#target,
      owner: () => ({
        yields: this.#state.current.yielding != null,
        allowManage: this.#owner.allowManage,
        allowsSearch: this.#owner.allowCloud,
        allowsModel: (name) => this.#owner.allowCloud || !this.#cloud.has(name, this.#state.current.models),
      }),
      clock,
      observe,
      refresh: () => this.#ollama.refresh(),
      running: (count) => {
        this.#ollama.setBusy(count > 0);
        this.#machine.setWorking(count > 0);
        observe({ type: "running", count, answered: this.#forwarder.answered });
      },
      unreachable: () => this.#ollama.poke(),
    });
    this.#state.set({ allow_cloud: allowCloud });
    if (options.ollamaParallel !== undefined) this.#state.set({ ollama_parallel: options.ollamaParallel });
  }

  /** Requests at Ollama now. */
  get running(): number {
    return this.#forwarder.running;
  }

  /** Requests answered whole since the start. */
  get answered(): number {
    return this.#forwarder.answered;
  }

  /** What was last seen of Ollama and of this machine. */
  get seen(): Readonly<AgentState> {
    return this.#state.current;
  }

  /** Ollama is there from now on; running answers end where they began. */
  moveOllama(ollamaUrl: string): void {
    this.#target.moveTo(ollamaUrl);
    this.lookAtOllama();
  }

  /** Something may have changed there: looks at once. */
  lookAtOllama(): void {
    void this.#ollama.refresh();
  }

  /** Does not wait any longer for the next attempt to reach the coordinator. */
  retryNow(): void {
    this.#connection?.retryNow();
  }

  /** Null: takes work. Otherwise nothing new from this moment on; what runs goes on to its end. */
  setSharing(yielding: Yielding | null): void {
    this.#state.update({ yielding });
  }

  /** Holds from the next request on, here and at the coordinator. */
  setOwner(choice: OwnerChoice): void {
    this.#owner = choice;
    this.#state.update({
      allow_manage: choice.allowManage,
      allow_cloud: choice.allowCloud,
      max_concurrency: choice.maxConcurrency ?? null,
    });
  }

  /** Runs until `stop` or an outcome that a person must act on. Call once. @throws IdentityError */
  async run(): Promise<Outcome> {
    try {
      this.#machine.start();
      await this.#firstLook();
      const enrolled = await this.#enrolment.run();
      if (enrolled.type !== "enrolled") return enrolled;
      return await this.#connect(enrolled.identity);
    } finally {
      this.#ollama.stop();
      this.#machine.stop();
      this.#target.close();
    }
  }

  /** HELLO should already say which models there are, but an Ollama that does not answer must not keep the agent away. */
  async #firstLook(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(FIRST_LOOK_MS, resolve);
      void this.#ollama.start().then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** No new work from now on; running answers get `graceMs`, then `run` resolves. */
  async stop({ graceMs }: { graceMs: number }): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#deps.observe({ type: "stopping", running: this.#forwarder.running });
    this.#forwarder.stop();
    this.#state.update({ stopping: true });
    this.#enrolment.stop();
    const connection = this.#connection;
    if (connection === undefined) return;
    const grace = new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(graceMs, resolve);
      void connection.drained().then(() => {
        cancel();
        resolve();
      });
    });
    await grace;
    connection.stop("stopping");
  }

  async #connect(identity: Identity): Promise<Outcome> {
    const connection = new Connection(
      {
        coordinatorUrl: this.#options.coordinatorUrl,
        token: identity.agent_token,
        heartbeatMs: this.#options.heartbeatMs,
        hello: (ipAddress) => this.#hello(ipAddress),
        accept: this.#forwarder.accept,
        welcomed: (welcome) => {
          this.#forwarder.setTimes(welcome);
          const { agent_id: agentId, name, streams } = welcome;
          this.#deps.observe({ type: "online", agentId, name, resumed: streams.length });
          // The coordinator may have given it another name; only for display, so a full disk is no reason to stop.
          if (name !== identity.name) this.#identityFile.write({ ...identity, name }).catch(() => {});
        },
        attached: () => this.#state.flush(),
      },
      this.#deps,
    );
    this.#connection = connection;
    if (this.#stopping) return { type: "stopped" };
    const outcome = await connection.run();
    if (outcome.type !== "fatal") return outcome;
    // The token is worth nothing any more, and keeping it would refuse the join token of the next start.
    if (outcome.code === "revoked") await this.#identityFile.delete();
    return { type: "fatal", message: outcome.message };
  }

  #hello(ipAddress: string | undefined): Omit<Hello, "streams"> {
    const { name, machineHash } = this.#options;
    const { maxConcurrency, allowManage } = this.#owner;
    return {
      version: { min: VERSION_MIN, max: VERSION_MAX },
      agent_version: PROGRAM_VERSION,
      instance_id: this.#instanceId,
      machine_hash: machineHash,
      machine_name: name,
      os: osName(),
      ollama_port: this.#target.port,
      ...(ipAddress === undefined ? {} : { ip_address: ipAddress }),
      ...(maxConcurrency === undefined ? {} : { max_concurrency: maxConcurrency }),
      allow_manage: allowManage,
      state: this.#state.full(),
    };
  }

  #machineFacts(): RegisterRequest {
    const { gpus } = this.#state.current;
    return {
      machine_name: this.#options.name,
      ip_address: displayAddress(),
      ollama_version: this.#state.current.ollama_version ?? "",
      ollama_port: this.#target.port,
      agent_version: PROGRAM_VERSION,
      os: osName(),
      ...(gpus === undefined ? {} : { gpus }),
    };
  }

  #ollamaReport(changes: AgentState): void {
    const before = this.#state.current.ollama;
    this.#state.update(changes);
    const { ollama, ollama_version, ollama_error } = this.#state.current;
    this.#deps.observe({ type: "seen" });
    if (ollama === undefined || ollama === before) return;
    if (ollama === "ok" && this.#options.ollamaParallel === undefined) void this.#lookAtParallel();
    this.#deps.observe({ type: "ollama", state: ollama, version: ollama_version, error: ollama_error });
  }

  /** Whenever an Ollama is there anew: it may have been started with another number. */
  async #lookAtParallel(): Promise<void> {
    const parallel = await this.#deps.readParallel();
    if (parallel !== undefined) this.#state.update({ ollama_parallel: parallel });
  }
}
