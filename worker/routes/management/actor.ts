import type { AppContext } from "../../host.ts";

/** The name under which the events show who has asked for this; set by `admin` and `viewer`. */
export function actor(c: AppContext): string {
  return c.get("principal").name;
}
