import type { Model } from "../../shared/protocol/messages.ts";

/** A model of ollama.com under a name of this machine's; Ollama says so in one field or the other. */
export function isStub(model: Model): boolean {
  return model.remote_host !== undefined || model.remote_model !== undefined;
}
