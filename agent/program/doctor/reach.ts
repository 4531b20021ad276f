import { connect, isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { codeOf, networkFailure, portOf, textOf } from "../../core/network-error.ts";
import type { ProxyRoute } from "../../core/proxy.ts";
import type { DoctorDeps } from "./deps.ts";
import { dial, ProxyRefusal } from "./dial.ts";
import { broken, ok, type Result, skipped } from "./finding.ts";
import { within } from "./within.ts";

const LOOKUP_MS = 10_000;
const CONNECT_MS = 10_000;

/** The host name's addresses. */
export async function examineName(url: URL, via: string | undefined, deps: DoctorDeps): Promise<Result> {
  if (via !== undefined) return skipped("the proxy looks the name up");
  const host = bare(url);
  if (isIP(host) !== 0) return ok(`${host} is an address, nothing to look up`);
  try {
    const addresses = await within(deps.clock, LOOKUP_MS, deps.lookup(host));
    return ok(`${host} is ${addresses.join(", ")}`);
  } catch (error) {
    return broken(
      `no address for ${host} (${codeOf(error) ?? textOf(error)})`,
      "check the host name in the coordinator URL, and this machine's network and DNS server",
    );
  }
}

/** Whether anybody listens there. */
export async function examineTcp(url: URL, via: string | undefined, deps: DoctorDeps): Promise<Result> {
  if (via !== undefined) return skipped("the proxy connects");
  const began = deps.clock.now();
  try {
    const address = await connected(url, deps);
    return ok(`${address} port ${portOf(url)} answers in ${Math.round(deps.clock.now() - began)} ms`);
  } catch (error) {
    return broken(
      `cannot connect to ${url.hostname} port ${portOf(url)} (${codeOf(error) ?? textOf(error)})`,
      "check that the coordinator runs, the port in its URL, and that no firewall is in the way",
    );
  }
}

function connected(url: URL, { clock }: DoctorDeps): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: bare(url), port: portOf(url) });
    const cancel = clock.after(CONNECT_MS, () =>
      socket.destroy(new Error(`nothing within ${CONNECT_MS / 1000} s`)),
    );
    socket.on("close", cancel);
    socket.on("error", reject);
    socket.on("connect", () => {
      resolve(socket.remoteAddress ?? url.hostname);
      socket.destroy();
    });
  });
}

/** Which proxy applies, and whether it connects to the coordinator. */
export async function examineProxy(
  url: URL,
  via: string | undefined,
  proxy: ProxyRoute,
  deps: DoctorDeps,
): Promise<Result> {
  if (via === undefined) return ok("none for this address");
  const began = deps.clock.now();
  const variables = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, or exclude the coordinator with NO_PROXY";
  try {
    await dial(url, { proxy, clock: deps.clock }, async (socket) => {
      // A socket of the proxy package that failed is connected to nothing.
      if (!(socket instanceof TLSSocket) && socket.remoteAddress === undefined)
        throw new ProxyRefusal(undefined);
    });
    return ok(`${via} connects to ${url.host} in ${Math.round(deps.clock.now() - began)} ms`);
  } catch (error) {
    if (error instanceof ProxyRefusal) {
      const said = `${via} answers HTTP ${error.status ?? "nothing"} instead of connecting to ${url.host}`;
      return error.status === 407
        ? broken(said, "give the proxy's user and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT")
        : broken(said, `check that the proxy may connect to ${url.host}; ${variables}`);
    }
    const { step } = networkFailure(error, url, via);
    // Not its text: the proxy package names the URL in it, with the password.
    const why = codeOf(error) ?? (step === "proxy" ? textOf(error) : "no connection");
    return broken(`cannot use ${via} (${why})`, variables);
  }
}

/** Node's sockets take an IPv6 address without the brackets that a URL has. */
function bare(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}
