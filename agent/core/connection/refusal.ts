import type { IncomingMessage } from "node:http";
import { apiError } from "../../../shared/api/register.ts";
import { parseJson, readStart } from "../answer.ts";

/** An answer to the upgrade other than a WebSocket. */
export interface Refusal {
  /** The coordinator itself says that it does not know the token; not a proxy or a login page in between. */
  unauthorized: boolean;
  message: string;
}

export async function refusalOf(
  response: IncomingMessage,
  url: URL,
  proxy: string | undefined,
): Promise<Refusal> {
  const status = response.statusCode ?? 0;
  // What a proxy answers to CONNECT is replayed on a socket that is connected to nothing.
  if (status === 407 || (proxy !== undefined && response.socket.remoteAddress === undefined)) {
    return {
      unauthorized: false,
      message: `the proxy ${proxy ?? ""} answered HTTP ${status} instead of connecting to ${url.host}: check its user, password and rules`,
    };
  }
  const unauthorized = status === 401 && response.headers["x-coordinator-error"] === "unauthorized";
  const said = apiError.safeParse(parseJson(await readStart(response)));
  const text = said.success ? `: ${said.data.error}` : "";
  if (status >= 300 && status < 400) {
    const target = response.headers.location ?? "nowhere";
    return {
      unauthorized,
      message: `${url.host} redirects the tunnel to ${target} (HTTP ${status}): use that address as coordinator URL`,
    };
  }
  return { unauthorized, message: `${url.host} refused the tunnel (HTTP ${status}${text})` };
}
