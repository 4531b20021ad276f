import type { AgentState, Gpu } from "../../../shared/protocol/messages.ts";
import type { Clock } from "../clock.ts";
import { type Capacity, capacityChanged } from "./capacity.ts";
import { gpusChanged } from "./gpus.ts";
import { isNews, type Usage } from "./usage.ts";

export const SAMPLE_MS = 5_000;
export const GPU_MS = 60_000;
/** The first reading waits until the agent is at work: it starts programs that take seconds on some machines. */
export const FIRST_GPU_MS = 1_000;

export interface MachineWatchOptions {
  clock: Clock;
  sample(): Usage;
  /** May reject where no tool works. */
  gpus(): Promise<Gpu[]>;
  capacity(): Promise<Capacity>;
  report(changes: AgentState): void;
}

/** Reports processor, memory, disk and GPUs when there is news of them. */
export class MachineWatch {
  readonly #options: MachineWatchOptions;
  #working = false;
  #told: Usage | undefined;
  #toldAt = 0;
  #toldGpus: Gpu[] | undefined;
  #toldCapacity: Capacity | undefined;
  #readingCapacity = false;
  #cancelSample: () => void = () => {};
  #cancelGpus: () => void = () => {};
  #stopped = false;

  constructor(options: MachineWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sample();
    this.#cancelGpus = this.#options.clock.after(FIRST_GPU_MS, this.#readHardware);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSample();
    this.#cancelGpus();
  }

  setWorking(working: boolean): void {
    this.#working = working;
  }

  readonly #sample = (): void => {
    const { clock, sample, report } = this.#options;
    const usage = sample();
    if (isNews(this.#told, usage, clock.now() - this.#toldAt, this.#working)) {
      this.#told = usage;
      this.#toldAt = clock.now();
      report({ ...usage });
    }
    this.#cancelSample = clock.after(SAMPLE_MS, this.#sample);
  };

  readonly #readHardware = (): void => {
    void this.#readGpus();
    void this.#readCapacity();
  };

  /** Beside the GPUs and not with them: a network disk that is away may not answer for hours. */
  async #readCapacity(): Promise<void> {
    if (this.#readingCapacity) return;
    this.#readingCapacity = true;
    const found = await this.#options.capacity();
    this.#readingCapacity = false;
    if (this.#stopped || !capacityChanged(this.#toldCapacity, found)) return;
    this.#toldCapacity = found;
    this.#options.report({ ...found });
  }

  async #readGpus(): Promise<void> {
    const { clock, gpus, report } = this.#options;
    // A tool that failed once says nothing of the hardware.
    const found = await gpus().catch(() => undefined);
    if (this.#stopped) return;
    if (found !== undefined && gpusChanged(this.#toldGpus, found)) {
      this.#toldGpus = found;
      report({ gpus: found });
    }
    this.#cancelGpus = clock.after(GPU_MS, this.#readHardware);
  }
}
