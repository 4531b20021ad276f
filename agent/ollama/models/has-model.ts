import { canonicalName } from "../../../shared/lib/model-name.ts";

/** Whether `wanted` is among the installed models, by whatever spelling Ollama takes for the same one. */
export function hasModel(installed: Iterable<{ name: string }>, wanted: string): boolean {
  const name = canonicalName(wanted);
  for (const model of installed) {
    if (canonicalName(model.name) === name) return true;
  }
  return false;
}
