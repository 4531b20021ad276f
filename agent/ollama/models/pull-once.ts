import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseJson, readStart } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import { requestHeaders } from "../../core/forwarder/headers.ts";
import type { OllamaTarget } from "../../core/forwarder/ollama-target.ts";
import { codeOf, textOf } from "../../core/network-error.ts";
import { AttemptError, toldError } from "./pull-error.ts";
import { type PullLine, PullLines } from "./pull-line.ts";

/** Silence after which Ollama is hung: while it downloads it tells of it sixteen times a second, whether bytes come or not. */
const SILENT_MS = 60_000;
/** While it checks what it has it says nothing; 40 GB on a slow disk take minutes. */
const CHECKING_MS = 30 * 60_000;

/** A kept connection may be that of an Ollama that is gone. */
const FRESH = true;

const refusal = z.object({ error: z.string() });

export interface PullOnceDeps {
  clock: Clock;
  signal: AbortSignal;
  take(line: PullLine): void;
}

/** One `POST /api/pull`, until Ollama says `success`. @throws AttemptError */
export function pullOnce(target: OllamaTarget, model: string, deps: PullOnceDeps): Promise<void> {
  const { clock, signal, take } = deps;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AttemptError("cancelled", false));
      return;
    }
    const body = Buffer.from(JSON.stringify({ model, stream: true }));
    const headers = requestHeaders(target.host, "POST", [["content-type", "application/json"]], body.length);
    const request = target.request("POST", "/api/pull", headers, FRESH);
    let over = false;
    let cancel = (): void => {};
    const expect = (ms: number): void => {
      cancel();
      cancel = clock.after(ms, () => end(new AttemptError(`Ollama says nothing for ${ms / 1_000} s`, true)));
    };
    const end = (error: AttemptError | undefined): void => {
      if (over) return;
      over = true;
      cancel();
      signal.removeEventListener("abort", abort);
      if (error === undefined) resolve();
      else reject(error);
      // Ollama ends a pull when its client goes away.
      request.destroy();
    };
    const abort = (): void => end(new AttemptError("cancelled", false));
    const lost = (error: unknown): void =>
      end(
        new AttemptError(`the connection to ${target.base} failed: ${codeOf(error) ?? textOf(error)}`, true),
      );
    signal.addEventListener("abort", abort);
    expect(SILENT_MS);
    request.on("error", lost);
    request.on("response", (response) => {
      if (response.statusCode !== 200) {
        refused(response).then(end, lost);
        return;
      }
      const lines = new PullLines();
      const read = (line: PullLine): void => {
        if (over) return;
        if (line.error !== undefined) end(toldError(line.error));
        else if (line.status === "success") end(undefined);
        else {
          take(line);
          expect(/^(verifying|writing|removing)/.test(line.status ?? "") ? CHECKING_MS : SILENT_MS);
        }
      };
      response.on("error", lost);
      response.on("data", (bytes: Buffer) => lines.push(bytes).forEach(read));
      response.on("end", () => {
        lines.end().forEach(read);
        end(new AttemptError(`${target.base} ended the pull without a word`, true));
      });
    });
    request.end(body);
  });
}

/** Before the first line Ollama has a status of its own. */
async function refused(response: IncomingMessage): Promise<AttemptError> {
  const status = response.statusCode ?? 0;
  const said = refusal.safeParse(parseJson(await readStart(response)));
  const text = said.success ? said.data.error : `it answers HTTP ${status}, which Ollama does not`;
  // A fault of the server may pass; one of the question does not.
  return status >= 500 && said.success ? toldError(text) : new AttemptError(text, status >= 500);
}
