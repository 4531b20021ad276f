import type { Exchange } from "./exchange.ts";
import { JSON_TYPE } from "./exchange.ts";
import type { Ticker } from "./ticker.ts";
import type { Fault } from "./types.ts";

interface Planned {
  readonly fault: Fault;
  readonly path: string | undefined;
  left: number;
}

/** The misbehaviour that tests have asked for, in the order in which they asked. */
export class Faults {
  #planned: Planned[] = [];

  plan(fault: Fault, path: string | undefined, times: number): void {
    this.#planned.push({ fault, path, left: times });
  }

  /** Taken when a request arrives, so that the order does not depend on how long bodies are. */
  take(path: string, inference: boolean): Fault | undefined {
    if (this.#planned.length === 0) return undefined;
    const index = this.#planned.findIndex((p) =>
      p.path === undefined ? inference : path.startsWith(p.path),
    );
    const planned = this.#planned[index];
    if (!planned) return undefined;
    planned.left--;
    if (planned.left <= 0) this.#planned.splice(index, 1);
    return planned.fault;
  }
}

/** True when the request still wants its ordinary answer. */
export async function commit(fault: Fault, exchange: Exchange, ticker: Ticker): Promise<boolean> {
  switch (fault.kind) {
    case "cut":
      exchange.cutAfter = fault.afterBytes;
      return true;
    case "slow":
      await ticker.until(performance.now() + fault.delayMs);
      return !exchange.gone;
    case "status":
      exchange.send(fault.status, fault.contentType ?? JSON_TYPE, fault.body, fault.headers);
      return false;
    case "crash":
      exchange.destroy();
      return false;
    case "raw":
      await sendRaw(fault, exchange, ticker);
      return false;
    case "never":
      return false;
  }
}

async function sendRaw(fault: Fault & { kind: "raw" }, exchange: Exchange, ticker: Ticker): Promise<void> {
  exchange.head(fault.status ?? 200, undefined, fault.headers);
  for (const chunk of fault.chunks) {
    if (exchange.gone) return;
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) {
      exchange.res.flushHeaders();
      await ("until" in chunk ? chunk.until : ticker.until(performance.now() + chunk.delayMs));
      continue;
    }
    // Writes of one turn are joined to one packet, so each waits until the one before has left.
    await new Promise<void>((resolve) => {
      exchange.whenGone(resolve);
      exchange.res.write(chunk, () => resolve());
    });
  }
  exchange.end();
}
