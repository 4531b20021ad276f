import { canonicalName } from "../../../shared/lib/model-name.ts";
import type { DemoModel, MachineSpec } from "./catalog.ts";

const KEEP_ALIVE_MS = 300_000;
/** What Ollama says for "for ever" lies in the 24th century as well. */
const FOR_EVER_MS = 290 * 365 * 86_400_000;
const CONTEXT = 4096;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** One simulated machine: what it has, and what it would have in memory now. */
export class Machine {
  readonly name: string;
  readonly tokensPerSecond: number;
  readonly #models: readonly DemoModel[];
  /** Until when each model stays. Looked at when asked, so that no timer has to be owned. */
  readonly #expires = new Map<DemoModel, number>();

  constructor(spec: MachineSpec) {
    this.name = spec.name;
    this.tokensPerSecond = spec.tokensPerSecond;
    this.#models = spec.models;
  }

  find(name: string): DemoModel | undefined {
    const wanted = canonicalName(name);
    return this.#models.find((model) => canonicalName(model.name) === wanted);
  }

  isLoaded(model: DemoModel): boolean {
    return (this.#expires.get(model) ?? 0) > Date.now();
  }

  /** Keeps the model for as long as the request says; 0 puts it out. */
  keep(model: DemoModel, keepAlive: unknown): void {
    const ms = keepAliveMs(keepAlive);
    if (ms === 0) this.#expires.delete(model);
    else this.#expires.set(model, Date.now() + ms);
  }

  tags(): unknown[] {
    return [...this.#models]
      .sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))
      .map((model) => ({
        ...listed(model),
        modified_at: model.modifiedAt,
        capabilities: model.capabilities,
      }));
  }

  ps(): unknown[] {
    return [...this.#expires]
      .filter(([model]) => this.isLoaded(model))
      .sort(([, a], [, b]) => b - a)
      .map(([model, expires]) => ({
        ...listed(model),
        size_vram: model.size,
        expires_at: new Date(expires).toISOString(),
        context_length: Math.min(CONTEXT, model.contextLength),
      }));
  }

  show(model: DemoModel): unknown {
    const { family } = model.details;
    return {
      license: "None: this model is simulated.",
      modelfile: `# A simulated model; there are no weights.\nFROM ${model.name}\n`,
      parameters: "temperature                    0.7",
      template: "{{ .Prompt }}",
      details: model.details,
      model_info: { "general.architecture": family, [`${family}.context_length`]: model.contextLength },
      capabilities: model.capabilities,
      modified_at: model.modifiedAt,
    };
  }
}

function listed(model: DemoModel): Record<string, unknown> {
  const { name, size, digest, details } = model;
  return { name, model: name, size, digest, details };
}

/** A number of seconds or a duration such as `1h30m`; negative means for ever. */
export function keepAliveMs(value: unknown): number {
  if (typeof value === "number") return value < 0 ? FOR_EVER_MS : value * 1000;
  if (typeof value !== "string") return KEEP_ALIVE_MS;
  if (value.startsWith("-")) return FOR_EVER_MS;
  if (value === "0") return 0;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0) return KEEP_ALIVE_MS;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ""] ?? 0), 0);
}
