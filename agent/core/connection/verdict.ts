import { closeCodeOf, FINAL_CLOSES } from "../../../shared/protocol/codes.ts";
import { networkFailure } from "../network-error.ts";
import type { ProxyRoute } from "../proxy.ts";
import type { SessionEnd } from "./session.ts";

/** What follows from the end of a session. */
export type Verdict =
  | { type: "retry"; reason: string }
  | { type: "replaced" }
  | { type: "fatal"; code: "revoked" | "identity_conflict" | "version"; message: string };

export function verdictOf(end: SessionEnd, url: URL, proxy: ProxyRoute): Verdict {
  switch (end.type) {
    case "refused":
      return end.refusal.unauthorized ? REVOKED : { type: "retry", reason: end.refusal.message };
    case "failed":
      return { type: "retry", reason: networkFailure(end.error, url, proxy.proxyFor(url)).message };
    case "closed":
      return ofClose(end.code, end.reason, url);
  }
}

const REVOKED: Verdict = {
  type: "fatal",
  code: "revoked",
  message:
    "this agent was removed from the coordinator: start it again with a new join token if it shall come back",
};

function ofClose(code: number, reason: string, url: URL): Verdict {
  const name = closeCodeOf(code);
  if (name === "replaced") return { type: "replaced" };
  if (name !== undefined && FINAL_CLOSES.has(name)) {
    switch (name) {
      case "identity_conflict":
        return {
          type: "fatal",
          code: name,
          message:
            "another machine is connected with this state directory's token: stop that one, or give this machine its own --state-dir and a new join token",
        };
      case "version":
        return {
          type: "fatal",
          code: name,
          message: `this agent and the coordinator have no wire version in common (${reason}): update the older of the two`,
        };
      default:
        return REVOKED;
    }
  }
  const why = reason === "" ? "" : `: ${reason}`;
  const what = name ?? (code === ABNORMAL ? "connection lost" : `close code ${code}`);
  return { type: "retry", reason: `${url.host} closed the tunnel (${what}${why})` };
}

/** What ws reports when a socket ended without a close frame. */
const ABNORMAL = 1006;
