import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { configKey, type OptionTable } from "../../../shared/lib/option-table.ts";
import { makeDir } from "../../core/identity/make-dir.ts";
import { writePrivate } from "../../core/identity/write-private.ts";
import { codeOf } from "../../core/network-error.ts";
import type { CallSources } from "../commands.ts";
import { CommandError } from "../complain.ts";
import { OPTIONS } from "../options.ts";
import type { Settings } from "../settings.ts";

const config = z.record(z.string(), z.json());
export type ServiceConfig = z.infer<typeof config>;

/** What a service has to be told: all that was given at the install, from wherever it came; the rest has its defaults. */
export function givenConfig(settings: Settings, sources: CallSources): ServiceConfig {
  const table: OptionTable = OPTIONS;
  const given: ServiceConfig = {};
  for (const [name, value] of Object.entries(settings)) {
    const option = table[name];
    const key = option === undefined ? undefined : configKey(option);
    // The directory is said on the command line: the file is in it.
    if (key === undefined || name === "stateDir" || value === undefined) continue;
    if (Object.entries(sources).some(([given, source]) => given === name && source !== "default"))
      given[key] = value;
  }
  return given;
}

/**
 * Adds to what an earlier install was told, so that installing again after an upgrade forgets nothing. For its user only: a
 * join token may be in it.
 * @throws CommandError
 */
export async function writeServiceConfig(file: string, given: ServiceConfig): Promise<void> {
  try {
    makeDir(dirname(file));
    const all = { ...(await readServiceConfig(file)), ...given };
    await writePrivate(file, `${JSON.stringify(all, null, 2)}\n`);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`cannot write ${file} (${codeOf(cause) ?? String(cause)}): check its directory`, {
      cause,
    });
  }
}

async function readServiceConfig(file: string): Promise<ServiceConfig> {
  try {
    return config.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return {};
    throw new CommandError(`${file} is damaged: delete it and install again with all flags`, { cause });
  }
}
