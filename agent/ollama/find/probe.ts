import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { z } from "zod";
import { parseJson, readStart } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf, textOf } from "../../core/network-error.ts";

/** What is at an address where an Ollama could be. */
export type Probed =
  | { type: "ollama"; version: string }
  /** Something else has the port; `what` is for a person. */
  | { type: "stranger"; what: string }
  /** Took the connection and said nothing in time: an Ollama that hangs, or something else. */
  | { type: "silent" }
  /** Nobody listens. */
  | { type: "absent"; why: string };

export type Probe = (url: string, withinMs: number) => Promise<Probed>;

const answer = z.object({ version: z.string().max(64) });

/** Codes of a connection that was never made. */
const UNREACHED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)/;

/** Asks `GET /api/version`, which changes nothing and waits for nothing; never rejects. */
export function probeWith(clock: Clock): Probe {
  return (url, withinMs) =>
    new Promise((resolve) => {
      const send = url.startsWith("https:") ? httpsRequest : httpRequest;
      // A connection of its own: a kept one would speak of a server that is gone.
      const request = send(`${url}/api/version`, { agent: false });
      let connected = false;
      const cancel = clock.after(withinMs, () => {
        done(connected ? { type: "silent" } : { type: "absent", why: "no connection in time" });
        request.destroy();
      });
      const done = (result: Probed): void => {
        cancel();
        resolve(result);
      };
      request.on("socket", (socket) => {
        socket.on("connect", () => {
          connected = true;
        });
      });
      request.on("error", (error) => done(failed(error)));
      request.on("response", (response) => {
        read(response).then(done, (error: unknown) => done(failed(error)));
      });
      request.end();
    });
}

async function read(response: IncomingMessage): Promise<Probed> {
  const parsed = answer.safeParse(parseJson(await readStart(response)));
  if (response.statusCode === 200 && parsed.success) return { type: "ollama", version: parsed.data.version };
  return { type: "stranger", what: `a web server that answers HTTP ${response.statusCode}` };
}

function failed(error: unknown): Probed {
  const code = codeOf(error) ?? textOf(error);
  if (UNREACHED.test(code)) return { type: "absent", why: code };
  return { type: "stranger", what: `a program that does not speak HTTP as Ollama does (${code})` };
}
