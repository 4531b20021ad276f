import { type PeerCertificate, TLSSocket } from "node:tls";
import { codeOf, portOf, textOf } from "../../core/network-error.ts";
import type { ProxyRoute } from "../../core/proxy.ts";
import type { DoctorDeps } from "./deps.ts";
import { dial } from "./dial.ts";
import { broken, ok, type Result, skipped, warning } from "./finding.ts";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const DAY_MS = 86_400_000;
/** Certificates that renew themselves do so a month before; one that has this little left was forgotten. */
const SOON_MS = 7 * DAY_MS;

export interface TlsResult extends Result {
  /** The certificate is not trusted because of a date: the fault may be this machine's clock. */
  dated: boolean;
}

/** Who vouches for the coordinator, and until when. */
export async function examineTls(url: URL, proxy: ProxyRoute, deps: DoctorDeps): Promise<TlsResult> {
  if (url.protocol !== "https:") {
    const open = "not encrypted: the coordinator URL begins with http://";
    return {
      ...(LOOPBACK.test(url.hostname)
        ? skipped(open)
        : warning(open, "whoever is on the way can read tokens and prompts: give the coordinator https")),
      dated: false,
    };
  }
  try {
    const seen = await dial(url, { proxy, clock: deps.clock }, async (socket) => {
      if (!(socket instanceof TLSSocket)) throw new Error("no TLS");
      return look(socket);
    });
    return judge(seen, url, deps.wallClock());
  } catch (error) {
    const code = codeOf(error) ?? textOf(error);
    return {
      ...broken(
        `no TLS with ${url.hostname} port ${portOf(url)} (${code})`,
        /WRONG_VERSION|EPROTO|PACKET_LENGTH/.test(`${code} ${textOf(error)}`)
          ? "the server does not seem to speak TLS there: check the port, or try http:// instead of https://"
          : "check that nothing in between (a proxy, a firewall, a virus scanner) breaks TLS connections",
      ),
      dated: false,
    };
  }
}

interface Seen {
  certificate: PeerCertificate;
  protocol: string;
  /** Why it is not trusted; undefined when it is. */
  problem: string | undefined;
}

function look(socket: TLSSocket): Promise<Seen> {
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed during the handshake")));
    socket.on("secureConnect", () => {
      // The types know only of an Error; Node sets the code.
      const error: unknown = socket.authorizationError;
      resolve({
        certificate: socket.getPeerCertificate(),
        protocol: socket.getProtocol() ?? "TLS",
        problem: socket.authorized
          ? undefined
          : typeof error === "string"
            ? error
            : (codeOf(error) ?? "no reason"),
      });
    });
  });
}

function judge({ certificate, protocol, problem }: Seen, url: URL, now: number): TlsResult {
  const until = new Date(certificate.valid_to);
  const { O: organisation, CN: name } = certificate.issuer;
  const about = `${protocol}, certificate by ${[organisation, name].flat().filter(Boolean).join(" ")}, valid until ${day(until)}`;
  if (problem === undefined) {
    const soon = until.getTime() - now < SOON_MS;
    const result = soon
      ? warning(about, "it ends within a week: whoever runs the coordinator should renew it")
      : ok(about);
    return { ...result, dated: false };
  }
  const found = `not trusted (${problem}): ${about}`;
  switch (problem) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID": {
      const [verb, date] =
        problem === "CERT_HAS_EXPIRED" ? ["ended", until] : ["begins", new Date(certificate.valid_from)];
      return {
        ...broken(
          found,
          `it ${verb} on ${day(date)} and this machine believes that it is ${day(new Date(now))}: correct the machine's clock, or have the certificate renewed`,
        ),
        dated: true,
      };
    }
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        ...broken(
          found,
          `it is for ${certificate.subjectaltname ?? name}, not for ${url.hostname}: use a name that it has as coordinator URL`,
        ),
        dated: false,
      };
    default:
      return {
        ...broken(
          found,
          "if you trust this authority (your own, or your company's proxy), name its certificate file (PEM) in NODE_EXTRA_CA_CERTS and start the agent again",
        ),
        dated: false,
      };
  }
}

function day(date: Date): string {
  return Number.isNaN(date.getTime()) ? "an unknown day" : date.toISOString().slice(0, 10);
}
