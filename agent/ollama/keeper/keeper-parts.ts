import type { Clock } from "../../core/clock.ts";
import type { Consent } from "./consent.ts";
import type { Found, Installer, Models, Serving, Versions } from "./parts.ts";

export interface KeeperOptions {
  /** The owner named this one: nothing else is looked for. */
  fixedUrl: string | undefined;
  /** Where Ollama is when nobody says otherwise. */
  defaultUrl: string;
  /** Every question is answered with yes. */
  assumeYes: boolean;
  /** Where versions are kept, for the question. */
  directory: string;
}

export interface KeeperDeps {
  clock: Clock;
  installer: Installer;
  versions: Versions;
  serving: Serving;
  models: Models;
  consent: Pick<Consent, "get" | "set">;
  find(): Promise<Found>;
  /** Ends what a killed agent has left behind. */
  clearOrphans(): Promise<void>;
  drain(signal: AbortSignal): Promise<() => void>;
  /** Whether nothing is being answered. */
  idle(): boolean;
  autoUpdate(): boolean;
  /** Ollama is here from now on; called before it is asked anything. */
  moved(url: string): void;
  /** Models came or went: look at once. */
  refresh(): void;
  changed(): void;
  /** One line for the log. */
  tell(level: "info" | "warn", text: string): void;
}
