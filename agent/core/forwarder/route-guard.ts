import { forwardedRoute, type OllamaRoute } from "../../../shared/api/ollama-routes.ts";
import type { ResetCode } from "../../../shared/protocol/codes.ts";

/** Printable ASCII without what a server or a proxy might read as another path: `..`, `//`, `\`, encoded dots and slashes. */
const ODD = /[^\x21-\x7e]|\\|#|\/\/|\/\.{1,2}(?:\/|$)|\.\.|%(?:2e|2f|5c|00)/i;

export type Guarded =
  | { ok: true; route: OllamaRoute }
  | { ok: false; code: Extract<ResetCode, "route_refused" | "owner_refused"> };

/** Whether this agent passes the request on; the coordinator checks too, but it is not the owner of this machine. */
export function guardRoute(method: string, target: string, allowManage: boolean): Guarded {
  const query = target.indexOf("?");
  const path = query < 0 ? target : target.slice(0, query);
  const route = forwardedRoute(method, path);
  if (route === undefined || ODD.test(path) || (query >= 0 && /[^\x21-\x7e]|#/.test(target.slice(query)))) {
    return { ok: false, code: "route_refused" };
  }
  // Go takes a form's fields from the address first, and nobody has looked there for a model.
  if (route.model === "multipart" && query >= 0) return { ok: false, code: "route_refused" };
  if (route.class === "manage" && !allowManage) return { ok: false, code: "owner_refused" };
  return { ok: true, route };
}
