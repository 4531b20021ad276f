import { access, constants, readdir } from "node:fs/promises";
import { codeOf, textOf } from "../../core/network-error.ts";
import { broken, ok, type Result, skipped } from "./finding.ts";

/** The directory of the Ollama that this agent has installed; undefined where it manages none. */
export async function examineManaged(directory: string | undefined): Promise<Result> {
  if (directory === undefined) return skipped("this agent manages no Ollama");
  try {
    const entries = await readdir(directory);
    await access(directory, constants.W_OK);
    const versions = entries.filter((name) => /^v?\d+\.\d+\.\d+/.test(name)).sort();
    return versions.length === 0
      ? skipped(`none is installed in ${directory}`)
      : ok(`${directory} has ${versions.join(", ")}`);
  } catch (error) {
    const code = codeOf(error) ?? textOf(error);
    return code === "ENOENT"
      ? skipped(`none is installed in ${directory}`)
      : broken(`cannot use ${directory} (${code})`, "give the agent's user the rights to it");
  }
}
