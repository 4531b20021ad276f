import type { Clock } from "../../core/clock.ts";
import type { SharingRules } from "../owner-settings.ts";
import type { SharingStatus } from "../status.ts";
import { decide, type Pause, type SharingFacts } from "./decide.ts";
import { GpuGate } from "./gpu-gate.ts";
import { nextEdge } from "./schedule.ts";
import type { OwnerSensors } from "./sensors.ts";

export const POLL_MS = 5_000;
/** A sensor that has not answered for so long knows nothing any more, ms: longer than any that works. */
export const SILENT_MS = 20_000;
/** Times are looked at again after this at the latest, ms: timers stand still while a laptop sleeps, and clocks are set. */
export const LOOK_MS = 60_000;
/** How long `start` waits for the sensors, ms. */
export const FIRST_LOOK_MS = 3_000;

export interface SharingWatchOptions {
  clock: Clock;
  /** The time of day, for schedules and pauses. */
  wallClock(): Date;
  rules: SharingRules;
  /** As it was kept from the last run. */
  pause: Pause | undefined;
  sensors: OwnerSensors;
  /** Called after each change. */
  changed(status: SharingStatus): void;
}

type SensorName = keyof OwnerSensors;

/** Knows at any time whether the owner shares the machine. Asks only the sensors that a rule needs. */
export class SharingWatch {
  readonly #options: SharingWatchOptions;
  #rules: SharingRules;
  #facts: SharingFacts;
  #gate: GpuGate | undefined;
  #status: SharingStatus = { state: "sharing" };
  #running = false;
  /** Sensors that are being asked again and again, and how to stop that. */
  readonly #polls = new Map<SensorName, () => void>();
  #cancelLook: () => void = () => {};

  constructor(options: SharingWatchOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#facts = { pause: options.pause, onMains: undefined, gpuBusy: undefined, fullScreen: undefined };
  }

  get status(): SharingStatus {
    return this.#status;
  }

  /** Resolves once each sensor that is needed has answered, or could have: until then nobody should be told that all is shared. */
  async start(): Promise<void> {
    this.#running = true;
    const first = this.#poll();
    this.#look();
    if (first.length === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(FIRST_LOOK_MS, resolve);
      void Promise.all(first).then(() => {
        cancel();
        resolve();
      });
    });
  }

  stop(): void {
    this.#running = false;
    this.#cancelLook();
    for (const end of this.#polls.values()) end();
    this.#polls.clear();
  }

  setRules(rules: SharingRules): void {
    const { gpu_threshold } = this.#rules;
    this.#rules = rules;
    if (rules.gpu_threshold !== gpu_threshold) this.#end("gpuUsedByOthers");
    this.#poll();
    this.#look();
  }

  /** @param until undefined: until `resume` */
  pause(until: Date | undefined): void {
    this.#facts.pause = { until };
    this.#look();
  }

  resume(): void {
    this.#facts.pause = undefined;
    this.#look();
  }

  /** Decides anew, tells what is new, and sees to it that time alone is noticed. */
  #look(): void {
    if (!this.#running) return;
    const now = this.#options.wallClock();
    const status = decide(this.#rules, this.#facts, now);
    const before = this.#status;
    this.#status = status;
    this.#cancelLook();
    const edges = [this.#facts.pause?.until, nextEdge(this.#rules.schedule, now)].flatMap((edge) =>
      edge === undefined || edge <= now ? [] : edge.getTime() - now.getTime(),
    );
    this.#cancelLook =
      edges.length === 0
        ? () => {}
        : this.#options.clock.after(Math.min(LOOK_MS, ...edges), () => this.#look());
    if (JSON.stringify(status) !== JSON.stringify(before)) this.#options.changed(status);
  }

  /** Asks the sensors that are needed and no others; what each needs for its first answer. */
  #poll(): Promise<void>[] {
    if (!this.#running) return [];
    const { sensors } = this.#options;
    const { mains_only, gpu_threshold, yield_to_full_screen } = this.#rules;
    const firsts: Promise<void>[] = [];
    const keep = <T>(
      name: SensorName,
      needed: boolean,
      ask: () => Promise<T>,
      take: (answer: T | undefined) => void,
    ): void => {
      if (!needed) this.#end(name);
      else if (!this.#polls.has(name)) firsts.push(this.#begin(name, ask, take));
    };
    keep(
      "onMains",
      mains_only,
      () => sensors.onMains(),
      (onMains) => {
        this.#facts.onMains = onMains;
      },
    );
    keep(
      "fullScreen",
      yield_to_full_screen,
      () => sensors.fullScreen(),
      (fullScreen) => {
        this.#facts.fullScreen = fullScreen;
      },
    );
    const gate = this.#gate ?? new GpuGate(gpu_threshold ?? 100);
    keep(
      "gpuUsedByOthers",
      gpu_threshold !== null,
      () => sensors.gpuUsedByOthers(),
      (use) => {
        gate.sample(use, this.#options.clock.now());
        this.#facts.gpuBusy = gate.busy;
      },
    );
    if (gpu_threshold !== null) this.#gate = gate;
    return firsts;
  }

  /** One question at a time, and a pause after each answer: a sensor may start a program. */
  #begin<T>(name: SensorName, ask: () => Promise<T>, take: (answer: T | undefined) => void): Promise<void> {
    let ended = false;
    let cancel = (): void => {};
    this.#polls.set(name, () => {
      ended = true;
      cancel();
    });
    // What it last said would hold for ever, and with a driver that hangs the machine would be yielded until a restart.
    const silent = (): void => {
      take(undefined);
      cancel = this.#options.clock.after(POLL_MS, silent);
      this.#look();
    };
    const round = async (): Promise<void> => {
      cancel = this.#options.clock.after(SILENT_MS, silent);
      // Sensors do not reject; one that does knows nothing.
      const answer = await ask().catch(() => undefined);
      cancel();
      if (ended) return;
      take(answer);
      cancel = this.#options.clock.after(POLL_MS, () => void round());
      this.#look();
    };
    return round();
  }

  #end(name: SensorName): void {
    this.#polls.get(name)?.();
    this.#polls.delete(name);
    switch (name) {
      case "onMains":
        this.#facts.onMains = undefined;
        return;
      case "fullScreen":
        this.#facts.fullScreen = undefined;
        return;
      case "gpuUsedByOthers":
        this.#facts.gpuBusy = undefined;
        this.#gate = undefined;
    }
  }
}
