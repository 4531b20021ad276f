import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import type { ProxyRoute } from "../../core/proxy.ts";

const CONNECT_MS = 10_000;

/** A proxy that said something other than "connected". */
export class ProxyRefusal extends Error {
  override readonly name = "ProxyRefusal";
  /** Undefined: it said nothing that could be read. */
  readonly status: number | undefined;

  constructor(status: number | undefined) {
    super(`the proxy answered HTTP ${status}`);
    this.status = status;
  }
}

/**
 * Connects to `url` the way the tunnel does, gives the socket to `look`, and closes it; nothing is asked over it. With https
 * the socket is a TLSSocket whose handshake has only begun and which takes any certificate: to look at it.
 * @throws ProxyRefusal, or the socket's error
 */
export function dial<T>(
  url: URL,
  { proxy, clock }: { proxy: ProxyRoute; clock: Clock },
  look: (socket: Socket) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const request = (secure ? httpsRequest : httpRequest)(url, {
      // With it the proxy is asked for a tunnel, as it is by the agent, also where the coordinator's URL is http.
      headers: { connection: "upgrade", upgrade: "websocket" },
      rejectUnauthorized: false,
      ...(proxy.agent === undefined ? { agent: false } : { agent: proxy.agent }),
    });
    let said: number | undefined;
    const cancel = clock.after(CONNECT_MS, () =>
      request.destroy(new Error(`nothing within ${CONNECT_MS / 1000} s`)),
    );
    request.on("close", cancel);
    request.on("error", reject);
    request.on("proxyConnect", (answer: unknown) => {
      said = statusOf(answer);
    });
    request.on("socket", (socket: Socket) => {
      const replayed = said !== undefined && said !== 200;
      const looking =
        replayed || (secure && !(socket instanceof TLSSocket))
          ? Promise.reject(new ProxyRefusal(said))
          : look(socket);
      looking.then(resolve, reject).finally(() => request.destroy());
    });
    // Never ended: its head is not sent.
  });
}

function statusOf(answer: unknown): number | undefined {
  return typeof answer === "object" &&
    answer !== null &&
    "statusCode" in answer &&
    typeof answer.statusCode === "number"
    ? answer.statusCode
    : undefined;
}
