import type { InstallObserver } from "../install-observer.ts";
import type { Progress } from "../progress.ts";

/** A version of Ollama in a directory of its own. */
export interface Installed {
  version: string;
  /** The directory, and the program in it. */
  dir: string;
  binary: string;
}

/** A release that could be installed. */
export interface Offer {
  version: string;
  /** null: the release does not say. */
  downloadBytes: number | null;
}

export interface Installer<O extends Offer = Offer> {
  /** The newest release where no version is named. @throws with one line for a person */
  lookUp(version: string | undefined, signal: AbortSignal): Promise<O>;
  /** Does not make it current. @throws with one line for a person */
  install(offer: O, run: { observe: InstallObserver; signal: AbortSignal }): Promise<Installed>;
}

export interface Versions {
  current(): Promise<Installed | undefined>;
  previous(): Promise<Installed | undefined>;
  switchTo(version: string): Promise<void>;
  /** Deletes what is neither current nor previous. */
  prune(): Promise<void>;
  removeAll(): Promise<void>;
}

export type Found =
  | { type: "server"; url: string; version: string }
  | { type: "binary"; path: string; version: string }
  | { type: "none" };

/** Runs one `ollama serve` and starts it again when it dies. */
export interface Serving {
  /** Why it does not answer at the moment; undefined while it does, or while it is stopped. */
  readonly problem: string | undefined;
  /**
   * Resolves when it answers. @throws with one line for a person when it does not within `withinMs`, and as soon as `signal`
   * says so; it is tried on all the same, until `stop`
   */
  start(program: Program, withinMs: number, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  /** At once, and without waiting for it. */
  endNow(): void;
  /** It takes connections and does not answer. */
  hung(): void;
}

export interface Program {
  binary: string;
  version: string;
  /** Of this agent, with home and models in its state directory; otherwise the user's own, with theirs. */
  own: boolean;
}

export interface Models {
  /** @throws when Ollama does not answer */
  any(url: string): Promise<boolean>;
  /** What suits this machine; undefined: nothing does. `own`: its models are in the state directory, not in the user's home. */
  suggest(url: string, own: boolean): Promise<{ model: string; downloadBytes: number } | undefined>;
  /** @throws with one line for a person */
  pull(
    url: string,
    model: string,
    run: { observe(progress: Progress | null, problem: string | null): void; signal: AbortSignal },
  ): Promise<void>;
}
