import { type GivenSettings, lockedChange, lockSettings } from "./lock-settings.ts";
import type { LockedSettings, OwnerSettings, OwnerSettingsChange } from "./owner-settings.ts";
import { SettingsError, SettingsFile } from "./settings-file.ts";
import type { Pause } from "./sharing/decide.ts";
import { PauseFile } from "./sharing/pause-file.ts";

export interface OwnersWordOptions {
  stateDir: string;
  given: GivenSettings;
  /** Where this machine is registered: joined again without being told. */
  registeredAt: string | undefined;
  now: Date;
}

/** What the owner has decided, in the state directory, and what was decided for this run at its start. */
export class OwnersWord {
  /** As it was when the program started. */
  readonly pause: Pause | undefined;
  readonly #file: SettingsFile;
  readonly #pauseFile: PauseFile;
  readonly #given: GivenSettings;
  readonly #registeredAt: string | undefined;
  #settings: OwnerSettings;
  #locked: LockedSettings;

  private constructor(
    files: { settings: SettingsFile; pause: PauseFile },
    options: OwnersWordOptions,
    stored: { settings: OwnerSettings; pause: Pause | undefined },
  ) {
    this.#file = files.settings;
    this.#pauseFile = files.pause;
    this.#given = options.given;
    this.#registeredAt = options.registeredAt;
    this.pause = stored.pause;
    ({ settings: this.#settings, locked: this.#locked } = this.#effective(stored.settings));
  }

  /** @throws SettingsError */
  static async open(options: OwnersWordOptions): Promise<OwnersWord> {
    const settings = new SettingsFile(options.stateDir);
    const pause = new PauseFile(options.stateDir);
    const [stored, kept] = await Promise.all([settings.read(), pause.read(options.now)]);
    return new OwnersWord({ settings, pause }, options, { settings: stored, pause: kept });
  }

  get settings(): OwnerSettings {
    return this.#settings;
  }

  get locked(): LockedSettings {
    return this.#locked;
  }

  /** @throws SettingsError; nothing is changed then */
  async change(changes: OwnerSettingsChange): Promise<void> {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const refused = lockedChange(given, this.#locked);
    if (refused !== undefined) throw new SettingsError(refused);
    const stored = await this.#file.change(given);
    ({ settings: this.#settings, locked: this.#locked } = this.#effective(stored));
  }

  /** @throws PauseFileError */
  keepPause(pause: Pause | undefined): Promise<void> {
    return this.#pauseFile.write(pause);
  }

  #effective(stored: OwnerSettings): { settings: OwnerSettings; locked: LockedSettings } {
    const known = { ...stored, coordinator_url: stored.coordinator_url ?? this.#registeredAt ?? null };
    return lockSettings(known, this.#given);
  }
}
