import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { PROGRAM_VERSION, SUBPROTOCOL } from "../../../shared/protocol/version.ts";
import type { Clock } from "../../core/clock.ts";
import { refusalOf } from "../../core/connection/refusal.ts";
import { networkFailure } from "../../core/network-error.ts";
import type { ProxyRoute } from "../../core/proxy.ts";
import { broken, ok, type Result } from "./finding.ts";

const HANDSHAKE_MS = 10_000;

const IN_BETWEEN =
  "something between this machine and the coordinator does not let WebSockets through: a reverse proxy must pass on the headers Upgrade and Connection";

/**
 * Whether the request for a WebSocket gets as far as the coordinator. It carries no token, so that it cannot take the place of
 * an agent that is connected: the coordinator's own refusal is the proof.
 */
export function examineUpgrade(url: URL, proxy: ProxyRoute, clock: Clock): Promise<Result> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, SUBPROTOCOL, {
      headers: { "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}` },
      perMessageDeflate: false,
      ...(proxy.agent === undefined ? {} : { agent: proxy.agent }),
    });
    const done = (result: Result): void => {
      cancel();
      resolve(result);
      socket.terminate();
    };
    const cancel = clock.after(HANDSHAKE_MS, () =>
      done(broken(`${url.host} does not answer an upgrade within ${HANDSHAKE_MS / 1000} s`, IN_BETWEEN)),
    );
    const via = proxy.proxyFor(url);
    socket.on("unexpected-response", (request, response: IncomingMessage) => {
      judge(response, url, via).then(done, (error: unknown) =>
        done(broken(networkFailure(error, url, via).message, IN_BETWEEN)),
      );
      response.on("close", () => request.destroy());
    });
    socket.on("open", () =>
      done(
        broken(
          `${url.href} opens a tunnel without asking who is there, which a coordinator does not`,
          "check the coordinator URL",
        ),
      ),
    );
    socket.on("error", (error) => done(broken(networkFailure(error, url, via).message, IN_BETWEEN)));
  });
}

async function judge(response: IncomingMessage, url: URL, via: string | undefined): Promise<Result> {
  const refusal = await refusalOf(response, url, via);
  if (refusal.unauthorized) return ok("a WebSocket's request reaches the coordinator");
  return broken(
    refusal.message,
    response.headers["x-coordinator-error"] === "bad_request"
      ? "this agent and the coordinator have no protocol in common: update the older of the two"
      : IN_BETWEEN,
  );
}
