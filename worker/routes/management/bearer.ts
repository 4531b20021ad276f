import type { AppContext } from "../../host.ts";

/** The token of `Authorization: Bearer TOKEN`; undefined when there is none in that form. */
export function bearerToken(c: AppContext): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(c.req.header("authorization") ?? "")?.[1];
}
