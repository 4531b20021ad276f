import type { Model } from "../protocol/messages.ts";
import { isCloudName } from "./model-name.ts";

/** A model of ollama.com in a machine's list; Ollama says so in one field or the other, or by its name. */
export function isStub(model: Model): boolean {
  return model.remote_host !== undefined || model.remote_model !== undefined || isCloudName(model.name);
}
