import type { LoadedModel, Model } from "../../../shared/protocol/messages.ts";
import type { Agent } from "../agent.ts";
import { Breaker } from "./breaker.ts";
import { Smoothed } from "./smoothed.ts";

/** Families that Ollama runs one request at a time, whatever OLLAMA_NUM_PARALLEL says (server/sched.go). */
const SERIAL_FAMILIES = /^(mllama|qwen3vl|qwen35|qwen3next|lfm2|nemotron_h|bert|nomic-bert)/;

/** A load that takes less is none, seconds. */
const LEAST_LOAD_S = 0.5;

/** What requests for a model have been like, over all machines. */
export class ModelFigures {
  /** Tokens of an answer. */
  readonly tokens = new Smoothed();
  /** Seconds that a request holds its slot, without loading the model. */
  readonly serviceS = new Smoothed();
  /** Seconds to load it. */
  readonly loadS = new Smoothed();
  /** Machines that have it in memory, or are loading it. */
  inMemory = 0;
}

/** A model on a machine: whether it is in memory, what runs, how fast it is, and whether it fails. */
export class Replica {
  readonly agent: Agent;
  /** Canonical name. */
  readonly model: string;
  readonly figures: ModelFigures;
  readonly breaker = new Breaker();
  /** Tokens of an answer per second. */
  readonly speed = new Smoothed();
  /** Seconds to load it. */
  readonly measuredLoadS = new Smoothed();
  /** Seconds that a request holds its slot here, without the load. */
  readonly measuredServiceS = new Smoothed();
  /** Its entry in `GET /api/tags`, and when that says it was changed, ms. */
  #entry: Model;
  modifiedAt: number;
  /** Its entry in `GET /api/ps`. */
  loaded: LoadedModel | undefined;
  /** Whether the machine still lists it; requests may outlive that. */
  present = true;
  inFlight = 0;
  /** Requests that found it cold are on their way: it is being loaded, and one more costs no load. */
  loading = 0;
  /** It has answered since its machine last said what it has in memory: it is there, whatever that said. */
  answered = false;
  /** When the last request went there, ms. */
  usedAt = 0;
  /** Context size that the last request asked for, where it asked: what is there now, though Ollama gives no more than the model can. */
  #context: number | undefined;

  constructor(agent: Agent, model: string, entry: Model, figures: ModelFigures) {
    this.agent = agent;
    this.model = model;
    this.#entry = entry;
    this.modifiedAt = timeOf(entry.modified_at);
    this.figures = figures;
  }

  get entry(): Model {
    return this.#entry;
  }
  /** A machine lists all its models whenever one has changed. */
  set entry(entry: Model) {
    if (entry.modified_at !== this.#entry.modified_at) this.modifiedAt = timeOf(entry.modified_at);
    this.#entry = entry;
  }

  /** Requests that Ollama runs at once for this model, where it has `parallel` of them for others. */
  parallel(parallel: number): number {
    const { details, capabilities } = this.entry;
    const family = typeof details?.family === "string" ? details.family : "";
    const serial = SERIAL_FAMILIES.test(family) || capabilities?.includes("embedding") === true;
    return serial ? 1 : parallel;
  }

  /** What it takes of the memory, as far as the machine says. */
  get memoryBytes(): number {
    return this.loaded?.size_vram ?? this.loaded?.size ?? this.entry.size ?? 0;
  }

  /**
   * Whether a request that asks for this context finds it in memory. One that asks for none means Ollama's own choice, which is
   * another than somebody's before: it loads the model anew for either.
   */
  isLoaded(numCtx: number | undefined): boolean {
    if (numCtx === this.#context && (this.loaded !== undefined || this.answered)) return true;
    if (this.loaded === undefined || numCtx === undefined) return false;
    const has = this.loaded.context_length;
    return has === undefined || has === numCtx;
  }

  /** Whether a request that asks for this context finds it in memory, or on its way there. */
  isWarm(numCtx: number | undefined): boolean {
    return this.loading > 0 ? numCtx === this.#context : this.isLoaded(numCtx);
  }

  /**
   * Seconds that loading it takes: as measured here, else by its size and what this machine has loaded so far, else as on
   * other machines; undefined: not known.
   */
  get loadS(): number | undefined {
    const { size } = this.entry;
    const rate = this.agent.loadRate.value;
    if (this.measuredLoadS.value !== undefined) return this.measuredLoadS.value;
    return size === undefined || rate === undefined ? this.figures.loadS.value : size / rate;
  }

  /**
   * Seconds until a request that comes now can begin to be answered; what is not known counts as nothing, and so does what nobody
   * would notice.
   */
  loadCost(numCtx: number | undefined): number {
    const loadS = this.loadS ?? 0;
    return loadS < LEAST_LOAD_S || this.isWarm(numCtx) ? 0 : loadS;
  }

  /** Seconds that a request is expected to hold a slot once the model is there: as measured here, else by speed; undefined: not known. */
  get serviceS(): number | undefined {
    const { tokens, serviceS } = this.figures;
    const speed = this.speed.value;
    if (this.measuredServiceS.value !== undefined) return this.measuredServiceS.value;
    if (tokens.value !== undefined && speed !== undefined && speed > 0) return tokens.value / speed;
    return serviceS.value;
  }

  /** A request that asks for this context goes there. */
  sent(numCtx: number | undefined, now: number): void {
    this.usedAt = now;
    this.#context = numCtx;
  }
}

/** Machines report local offsets, so that texts cannot be compared; ms, 0 for what is no time. */
export function timeOf(text: string | undefined): number {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? 0 : ms;
}
