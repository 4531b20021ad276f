import { join } from "node:path";
import type { z } from "zod";
import { DEFAULT_OWNER_SETTINGS, type OwnerSettings, ownerSettings, sharingRules } from "./owner-settings.ts";
import { readJson, systemReason, writeJson } from "./private-json.ts";

/** One line for a person: which file, which field, what to do. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** What is not in the file is as it was before there was a file: a newer release may have more settings. */
const stored = ownerSettings.partial().extend({ sharing: sharingRules.partial().optional() });

/** `settings.json` in an agent's state directory: what its owner has decided, and may edit by hand. */
export class SettingsFile {
  readonly path: string;
  /** Changes one after the other: each begins with what the one before has written. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stateDir: string) {
    this.path = join(stateDir, "settings.json");
  }

  /** @throws SettingsError where it is there and cannot be read, or has what does not belong there */
  async read(): Promise<OwnerSettings> {
    const file = await readJson(this.path).catch((cause: unknown) => {
      throw new SettingsError(`cannot read ${this.path} (${systemReason(cause)}): check its permissions`, {
        cause,
      });
    });
    if (file.kind === "none") return DEFAULT_OWNER_SETTINGS;
    if (file.kind === "broken") {
      throw new SettingsError(`${this.path} is not valid JSON: mend it, or delete it for the defaults`);
    }
    const parsed = stored.safeParse(file.value);
    if (!parsed.success) throw new SettingsError(`${this.path}: ${faultOf(parsed.error)}`);
    return merge(DEFAULT_OWNER_SETTINGS, parsed.data);
  }

  /**
   * Takes over the given settings and gives back all of them. A file that cannot be read is left as it is: it may hold what
   * somebody has written by hand.
   * @throws SettingsError
   */
  change(changes: Partial<OwnerSettings>): Promise<OwnerSettings> {
    const changed = this.#last.then(
      () => this.#change(changes),
      () => this.#change(changes),
    );
    this.#last = changed;
    return changed;
  }

  async #change(changes: Partial<OwnerSettings>): Promise<OwnerSettings> {
    const settings = merge(await this.read(), changes);
    const parsed = ownerSettings.safeParse(settings);
    if (!parsed.success) throw new SettingsError(`settings: ${faultOf(parsed.error)}`);
    try {
      await writeJson(this.path, parsed.data);
    } catch (cause) {
      throw new SettingsError(
        `cannot write ${this.path} (${systemReason(cause)}): check the state directory`,
        {
          cause,
        },
      );
    }
    return parsed.data;
  }
}

type Changes = z.infer<typeof stored>;

function merge(settings: OwnerSettings, { sharing, ...changes }: Changes): OwnerSettings {
  return {
    ...settings,
    ...withoutUndefined(changes),
    sharing: { ...settings.sharing, ...withoutUndefined(sharing ?? {}) },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `undefined` must not take the place of a value. */
function withoutUndefined<T extends object>(changes: T): Defined<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The first field that is wrong, and how. */
function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "is not valid";
  const at = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const key = [at, issue.keys[0]].filter((part) => part !== "").join(".");
    return `there is no setting "${key}": remove it, or mend its name`;
  }
  return `${at === "" ? "the file" : `"${at}"`}: ${issue.message}`;
}
