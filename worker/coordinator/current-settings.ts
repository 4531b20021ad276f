import type { Settings, SettingsPatch, SettingsView } from "../../shared/api/settings.ts";
import { DEFAULT_SETTINGS } from "../../shared/api/settings-defaults.ts";
import { withoutUndefined } from "./access.ts";
import { aliasFaults } from "./alias-rules.ts";
import type { Problem, Result } from "./api.ts";
import type { Store } from "./store.ts";

/** The settings that hold now: defaults, what an operator has stored, and above both what the environment fixes. */
export class CurrentSettings {
  readonly #store: Store;
  readonly #locked: SettingsPatch;
  #stored: Partial<Settings>;
  #value: Settings;

  constructor(store: Store, stored: Partial<Settings>, locked: SettingsPatch) {
    this.#store = store;
    this.#stored = stored;
    this.#locked = locked;
    this.#value = apply(apply(DEFAULT_SETTINGS, stored), locked);
  }

  get value(): Settings {
    return this.#value;
  }

  view(): SettingsView {
    return { ...this.#value, locked: Object.keys(this.#locked) };
  }

  /** All of the patch or nothing. */
  change(patch: SettingsPatch): Result<SettingsView> {
    const locked = Object.keys(patch).filter((name) => name in this.#locked);
    if (locked.length > 0) {
      const fields = Object.fromEntries(locked.map((name) => [name, "is set by the environment"]));
      const message = `${locked.join(", ")}: set by the environment of the coordinator, cannot be changed here`;
      return { ok: false, error: { status: 409, code: "locked", message, fields } };
    }
    const changed = apply(this.#value, patch);
    // What is stored and what is sent may each be right and make a cycle together. Only where they are sent: what an earlier
    // release has stored must not keep anybody from changing something else.
    const tables = (["aliases", "fallbacks"] as const).filter((name) => patch[name] !== undefined);
    const faults = tables.length > 0 ? aliasFaults(changed, tables) : undefined;
    if (faults !== undefined) return { ok: false, error: badRequest(faults) };
    const stored = { ...this.#stored };
    for (const name of Object.keys(patch) as (keyof Settings)[])
      Object.assign(stored, { [name]: changed[name] });
    this.#store.saveSettings(stored);
    this.#stored = stored;
    this.#value = changed;
    return { ok: true, value: this.view() };
  }
}

function badRequest(fields: Record<string, string>): Problem {
  const message = Object.entries(fields)
    .map(([name, text]) => `${name} ${text}`)
    .join("; ");
  return { status: 400, code: "bad_request", message, fields };
}

function apply(base: Settings, patch: SettingsPatch | Partial<Settings>): Settings {
  const { queue, ...rest } = patch;
  return { ...base, ...withoutUndefined(rest), queue: { ...base.queue, ...withoutUndefined(queue ?? {}) } };
}
