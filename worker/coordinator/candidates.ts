import { canonicalName, isCloudName } from "../../shared/lib/model-name.ts";
import type { Access } from "./access.ts";
import { type Candidate, resolve, type Substitutions, usable } from "./aliases.ts";
import type { Call } from "./api.ts";
import type { Registry } from "./registry.ts";

type Allowed =
  | { kind: "allowed"; candidates: readonly Candidate[] }
  | { kind: "refused"; code: "unauthorized" | "forbidden"; message: string };

/** Why a request for a model of ollama.com is refused that no machine's owner allows. */
export const NO_CLOUD = "models of ollama.com would use the account of a machine's owner";

/**
 * The models that may serve a call of this caller, best first (none where its route names none); or why it may not ask at all.
 * @param machines a model of ollama.com is offered only by those whose owner allows it
 */
export function candidatesFor(
  call: Call,
  access: Access,
  settings: Substitutions,
  machines: Pick<Registry, "offers">,
): Allowed {
  const permission = call.class === "manage" || call.agent !== undefined ? "manage" : "infer";
  const forbidden = access.check(call.caller, permission, call.model);
  const candidates = usable(
    modelsFor(call, settings),
    forbidden === undefined,
    (name) => access.check(call.caller, permission, name) === undefined,
  );
  if (forbidden !== undefined && candidates.length === 0) return { kind: "refused", ...forbidden };
  // What changes machines is decided by machine, since each owner is asked.
  const open =
    call.class === "manage"
      ? candidates
      : candidates.filter(({ name, model }) => !isCloudName(name) || machines.offers(model));
  if (call.model !== undefined && open.length === 0) {
    return { kind: "refused", code: "forbidden", message: NO_CLOUD };
  }
  return { kind: "allowed", candidates: open };
}

function modelsFor(call: Call, settings: Substitutions): readonly Candidate[] {
  if (call.model === undefined) return [];
  // Administration means the very model that it names; and where it is not known where the name stands, it cannot be replaced.
  if (call.class === "manage" || call.modelAt === undefined) {
    return [{ name: call.model, model: canonicalName(call.model), fallback: false }];
  }
  return resolve(call.model, settings).candidates;
}
