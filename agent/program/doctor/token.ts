import type { HealthRequest } from "../../../shared/api/register.ts";
import { below, normalBase } from "../../core/coordinator-url.ts";
import type { Identity } from "../../core/identity/identity-file.ts";
import { networkFailure } from "../../core/network-error.ts";
import type { ProxyRoute } from "../../core/proxy.ts";
import { ask } from "./ask.ts";
import type { DoctorDeps } from "./deps.ts";
import { broken, ok, type Result, warning } from "./finding.ts";

/**
 * A heartbeat for an agent that cannot be: whoever knows the token answers that it is not that agent's (403) and notes nothing.
 * One with this agent's own id would count as a sign of life.
 */
const NOBODY: HealthRequest = {
  agent_id: "00000000-0000-0000-0000-000000000000",
  cpu_usage: 0,
  memory_usage: 0,
  active_requests: 0,
};

const JOIN_AGAIN = "start the agent with a new join token, or pair it, to let this machine in again";

/** Whether the coordinator knows the token that is stored here. */
export async function examineToken(
  identity: Identity | undefined,
  coordinatorUrl: string,
  proxy: ProxyRoute,
  deps: DoctorDeps,
): Promise<Result> {
  const base = normalBase(coordinatorUrl);
  if (identity === undefined) {
    return warning("this machine is not registered yet", "start the agent with a join token, or pair it");
  }
  // A token is its coordinator's secret: it is not shown to another one.
  if (normalBase(identity.coordinator_url) !== base) {
    return broken(
      `this machine is registered at ${identity.coordinator_url}, not at ${base}`,
      `use that one as coordinator URL, or join ${base} with a join token of its own`,
    );
  }
  const url = below(base, "/api/health");
  try {
    const { status, headers } = await ask({
      url,
      proxy,
      clock: deps.clock,
      body: NOBODY,
      token: identity.agent_token,
    });
    const said = headers["x-coordinator-error"];
    if (status === 403 && said === "forbidden") {
      return ok(`the coordinator knows this agent (${identity.name}, ${identity.agent_id})`);
    }
    if (status === 401 && said === "unauthorized") {
      return broken(
        `the coordinator does not know this agent's token: ${identity.name} was removed there`,
        JOIN_AGAIN,
      );
    }
    return broken(
      `${url.href} answers HTTP ${status}, which says nothing of the token`,
      "check that no proxy or login page in between answers in the coordinator's place",
    );
  } catch (error) {
    return broken(networkFailure(error, url, proxy.proxyFor(url)).message, "try again");
  }
}
