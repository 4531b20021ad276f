import { createHash } from "node:crypto";
import { Refusal } from "./errors.ts";
import { Faults } from "./faults.ts";
import { Journal } from "./journal.ts";
import { displayName, isCloudName, modelKey } from "./names.ts";
import { Slots } from "./slots.ts";
import { Ticker } from "./ticker.ts";
import type { StandInModel, StandInOptions } from "./types.ts";

export const KEEP_ALIVE_MS = 5 * 60_000;
const CONTEXT = 4096;
const FOREVER_MS = 292 * 365.25 * 86_400_000;
const NEWEST = Date.UTC(2026, 7, 1);

export interface Model extends Required<Pick<StandInModel, "size" | "family" | "capabilities" | "digest">> {
  name: string;
  modifiedAt: string;
  remoteHost: string | undefined;
  remoteModel: string | undefined;
}

interface Loaded {
  contextLength: number;
  expiresAt: number;
  users: number;
  loading: Promise<void> | undefined;
}

/** What one machine with Ollama has and does: its models, those in memory, their slots. */
export class Machine {
  readonly options: Required<Omit<StandInOptions, "models">>;
  readonly ticker = new Ticker();
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly models = new Map<string, Model>();
  /** Digests of uploaded blobs; their bytes are not kept. */
  readonly blobs = new Set<string>();
  /** Set while the machine hangs: whoever is about to send something waits for it first. */
  hung: Promise<void> | undefined;
  /** How often a model was not in memory as wanted. */
  loads = 0;
  #loaded = new Map<string, Loaded>();
  #slots = new Map<string, Slots>();

  constructor(options: StandInOptions) {
    const { models = ["tiny"], ...rest } = options;
    this.options = {
      port: 0,
      host: "127.0.0.1",
      version: "0.33.0",
      tokens: 8,
      tokenDelayMs: 0,
      firstTokenDelayMs: 0,
      loadDelayMs: 0,
      maxLoaded: Number.POSITIVE_INFINITY,
      numParallel: Number.POSITIVE_INFINITY,
      rejectOrigins: true,
      hashBodies: false,
      modelsChanged: () => {},
      ...rest,
    };
    for (const model of models) this.add(typeof model === "string" ? { name: model } : model);
  }

  add(given: StandInModel): Model {
    const name = displayName(given.name);
    const embeds = /embed|bge|minilm/i.test(name);
    // The same model has the same digest on every machine, and the first of a list is the newest.
    const model: Model = {
      name,
      size: given.size ?? 1_321_098_329,
      family: given.family ?? (embeds ? "bert" : "llama"),
      capabilities: given.capabilities ?? (embeds ? ["embedding"] : ["completion", "tools", "vision"]),
      digest: given.digest ?? createHash("sha256").update(name.toLowerCase()).digest("hex"),
      modifiedAt: given.modified_at ?? new Date(NEWEST - this.models.size * 1000).toISOString(),
      remoteHost: given.remote_host,
      remoteModel: given.remote_model,
    };
    this.models.set(modelKey(name), model);
    this.#changed();
    return model;
  }

  /** The models of the list as tags gives it: newest first. */
  newestFirst(): Model[] {
    return [...this.models.values()].sort((a, b) => Date.parse(b.modifiedAt) - Date.parse(a.modifiedAt));
  }

  find(name: string): Model | undefined {
    return this.models.get(modelKey(name));
  }

  remove(name: string): boolean {
    this.unload(name);
    const had = this.models.delete(modelKey(name));
    if (had) this.#changed();
    return had;
  }

  #changed(): void {
    this.options.modelsChanged(this.newestFirst().map((model) => model.name));
  }

  /** The model of an inference request, or the refusal that Ollama gives. */
  demand(name: string): Model {
    const model = name.trim() === "" ? undefined : this.find(name);
    if (model) return model;
    // Such names need an account, which a stand-in does not have.
    if (isCloudName(name)) throw new Refusal(401, "unauthorized");
    throw new Refusal(404, `model '${name}' not found`);
  }

  /** Something to wait for only when the model is not in memory as wanted. */
  load(model: Model, contextLength: number | undefined): Promise<void> | undefined {
    const key = modelKey(model.name);
    let entry = this.#present(key);
    if (entry && (contextLength === undefined || contextLength === entry.contextLength)) {
      entry.users++;
      return entry.loading;
    }
    entry = {
      contextLength: contextLength ?? CONTEXT,
      expiresAt: Date.now() + KEEP_ALIVE_MS,
      users: (entry?.users ?? 0) + 1,
      loading: undefined,
    };
    this.loads++;
    this.#loaded.delete(key);
    this.#makeRoom();
    this.#loaded.set(key, entry);
    if (this.options.loadDelayMs === 0) return undefined;
    const ready = this.ticker.until(performance.now() + this.options.loadDelayMs).then(() => {
      entry.loading = undefined;
    });
    entry.loading = ready;
    return ready;
  }

  /** For one model more. */
  #makeRoom(): void {
    const idle = [...this.#loaded].filter(([, { users }]) => users === 0);
    idle.sort(([, a], [, b]) => a.expiresAt - b.expiresAt);
    for (const [key] of idle) {
      if (this.#loaded.size < this.options.maxLoaded) return;
      this.#loaded.delete(key);
    }
  }

  /** A request is over: only now does Ollama move expires_at. */
  used(model: Model, keepAliveMs: number | undefined): void {
    const entry = this.#loaded.get(modelKey(model.name));
    if (!entry) return;
    entry.users--;
    if (keepAliveMs === 0) this.unload(model.name);
    else entry.expiresAt = Date.now() + (keepAliveMs ?? KEEP_ALIVE_MS);
  }

  unload(name: string): void {
    this.#loaded.delete(modelKey(name));
  }

  slots(model: Model): Slots {
    const key = modelKey(model.name);
    let slots = this.#slots.get(key);
    if (!slots) {
      slots = new Slots(this.options.numParallel);
      this.#slots.set(key, slots);
    }
    return slots;
  }

  /** What ps shows: latest expiry first. */
  running(): { model: Model; contextLength: number; expiresAt: number }[] {
    const running = [];
    for (const key of [...this.#loaded.keys()]) {
      const entry = this.#present(key);
      const model = this.models.get(key);
      if (entry && model && entry.loading === undefined) running.push({ model, ...entry });
    }
    return running.sort((a, b) => b.expiresAt - a.expiresAt);
  }

  #present(key: string): Loaded | undefined {
    const entry = this.#loaded.get(key);
    if (!entry || entry.users > 0 || entry.expiresAt > Date.now()) return entry;
    this.#loaded.delete(key);
    return undefined;
  }
}

const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** keep_alive is seconds or a Go duration; negative means forever. */
export function keepAliveMs(value: unknown): number | undefined {
  if (typeof value === "number") return value < 0 ? FOREVER_MS : value * 1000;
  if (typeof value !== "string" || value === "") return undefined;
  if (value.startsWith("-")) return FOREVER_MS;
  if (/^[\d.]+$/.test(value)) return Number(value) * 1000;
  let total = 0;
  for (const [, number, unit] of value.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (UNITS[unit ?? "s"] ?? 1000);
  }
  return total;
}
