import type { AgentState } from "../../shared/protocol/messages.ts";
import type { Clock, Timer } from "../../worker/coordinator/deps.ts";
import type { MachineSpec, SimModel } from "./fleet.ts";

const GB = 1e9;
const MB_IN_GB = GB / 1024 ** 2;
/** Between a change of what is loaded and its report: the agent asks its Ollama twice a second, ms. */
const REPORT_MS = 250;

/** What a machine says when it has answered; Ollama's `load_duration` and `eval_duration`, seconds. */
export interface Answered {
  loadS: number;
  answerS: number;
}

interface Job {
  readonly model: SimModel;
  readonly since: number;
  readonly prefillS: number;
  readonly answerS: number;
  readonly done: (answered: Answered) => void;
  /** When its model was there, ms; undefined while it is not. */
  began: number | undefined;
  /** Seconds of work left, were it alone. */
  leftS: number;
}

/** One machine with its Ollama: memory for some models, one load at a time, the longest unused idle model goes first. */
export class Machine {
  readonly spec: MachineSpec;
  readonly #clock: Clock;
  readonly #report: (state: AgentState) => void;
  /** In memory, the longest unused first. */
  readonly #loaded = new Set<SimModel>();
  readonly #jobs = new Set<Job>();
  /** Models that are waited for, the one that is being loaded first. */
  readonly #wanted = new Set<SimModel>();
  #load: { model: SimModel; timer: Timer } | undefined;
  #end: Timer | undefined;
  #reported: Timer | undefined;
  /** Until when the work that is left has been reckoned, ms. */
  #reckoned = 0;
  coldLoads = 0;

  /** @param report called with what its agent would send */
  constructor(spec: MachineSpec, clock: Clock, report: (state: AgentState) => void) {
    this.spec = spec;
    this.#clock = clock;
    this.#report = report;
    for (const model of spec.loaded) this.#loaded.add(model);
  }

  /** What it says when it connects. */
  hello(): AgentState {
    const { models, cpuUsage } = this.spec;
    return {
      ollama: "ok",
      models: models.map(({ name, sizeGb }) => ({ name, size: sizeGb * GB })),
      ...(cpuUsage === undefined ? {} : { cpu_usage: cpuUsage }),
      ...this.#memory(),
    };
  }

  #memory(): AgentState {
    const loaded = [...this.#loaded];
    const used = loaded.reduce((sum, { sizeGb }) => sum + sizeGb, 0);
    return {
      loaded: loaded.map(({ name, sizeGb }) => ({ name, size: sizeGb * GB, size_vram: sizeGb * GB })),
      gpus: [
        {
          name: "simulated",
          memory_total_mb: this.spec.memoryGb * MB_IN_GB,
          memory_used_mb: used * MB_IN_GB,
        },
      ],
    };
  }

  start(
    model: SimModel,
    tokens: { prompt: number; completion: number },
    done: (answered: Answered) => void,
  ): void {
    const { tokensPerS, prefillPerS } = this.spec;
    const prefillS = tokens.prompt / (prefillPerS * model.speed);
    const answerS = tokens.completion / (tokensPerS * model.speed);
    const since = this.#clock.now();
    this.#reckon();
    const job = { model, since, prefillS, answerS, done, began: undefined, leftS: prefillS + answerS };
    this.#jobs.add(job);
    if (this.#loaded.has(model)) this.#begin(job);
    else this.#wanted.add(model);
    this.#loadNext();
    this.#arm();
  }

  /** It is lost with all that runs; what it had in memory is gone. */
  crash(): void {
    this.#load?.timer.cancel();
    this.#end?.cancel();
    this.#reported?.cancel();
    this.#load = undefined;
    this.#end = undefined;
    this.#reported = undefined;
    this.#jobs.clear();
    this.#wanted.clear();
    this.#loaded.clear();
  }

  #begin(job: Job): void {
    job.began = this.#clock.now();
    this.#loaded.delete(job.model);
    this.#loaded.add(job.model);
  }

  #loadNext(): void {
    if (this.#load !== undefined) return;
    const [model] = this.#wanted;
    if (model === undefined || !this.#makeRoom(model)) return;
    this.coldLoads++;
    const timer = this.#clock.after((model.sizeGb / this.spec.diskGbPerS) * 1_000, () => {
      this.#reckon();
      this.#load = undefined;
      this.#wanted.delete(model);
      this.#loaded.add(model);
      this.#changed();
      for (const job of this.#jobs) if (job.model === model) this.#begin(job);
      this.#loadNext();
      this.#arm();
    });
    this.#load = { model, timer };
  }

  /** Idle models go, the longest unused first; false while those in use leave no room. */
  #makeRoom(model: SimModel): boolean {
    const inUse = new Set([...this.#jobs].map((job) => job.model));
    let room = this.spec.memoryGb - model.sizeGb;
    for (const { sizeGb } of this.#loaded) room -= sizeGb;
    const idle: SimModel[] = [];
    for (const other of this.#loaded) {
      if (room >= 0) break;
      if (inUse.has(other)) continue;
      idle.push(other);
      room += other.sizeGb;
    }
    if (room < 0) return false;
    for (const other of idle) this.#loaded.delete(other);
    if (idle.length > 0) this.#changed();
    return true;
  }

  #changed(): void {
    this.#reported ??= this.#clock.after(REPORT_MS, () => {
      this.#reported = undefined;
      this.#report(this.#memory());
    });
  }

  /** How much work one second does for each that runs. */
  #pace(): number {
    return 1 / (1 + this.spec.slowdown * Math.max(0, this.#begun().length - 1));
  }

  #begun(): Job[] {
    return [...this.#jobs].filter(({ began }) => began !== undefined);
  }

  #reckon(): void {
    const now = this.#clock.now();
    const workedS = ((now - this.#reckoned) / 1_000) * this.#pace();
    this.#reckoned = now;
    for (const job of this.#begun()) job.leftS -= workedS;
  }

  /** The next one to end, at the pace that holds until something changes. */
  #arm(): void {
    this.#end?.cancel();
    this.#end = undefined;
    const begun = this.#begun();
    if (begun.length === 0) return;
    const leftS = Math.max(0, Math.min(...begun.map((job) => job.leftS)));
    this.#end = this.#clock.after((leftS / this.#pace()) * 1_000, () => this.#finish());
  }

  #finish(): void {
    this.#reckon();
    const ended = this.#begun().filter(({ leftS }) => leftS <= 1e-9);
    for (const job of ended) this.#jobs.delete(job);
    this.#loadNext();
    this.#arm();
    const now = this.#clock.now();
    for (const { began = now, since, prefillS, answerS, done } of ended) {
      const ranS = (now - began) / 1_000;
      done({ loadS: (began - since) / 1_000, answerS: (ranS * answerS) / (prefillS + answerS) });
    }
  }
}
