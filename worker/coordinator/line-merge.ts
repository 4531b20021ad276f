import { LIMITS } from "../../shared/protocol/limits.ts";
import type { ClientSide } from "./client-side.ts";

/** What a client may be behind before its machines are held back, bytes: as for one stream. */
const MAX_UNREAD = LIMITS.window_bytes;

/** One NDJSON stream out of several: lines whole, each with the name of its machine. */
export class LineMerge {
  readonly #client: ClientSide;
  readonly #headers: [string, string][];
  readonly #encoder = new TextEncoder();
  #started = false;
  #bytes = 0;
  /** Bytes written that the client's socket has not taken. */
  #unread = 0;
  #held: (() => void)[] = [];

  constructor(client: ClientSide, headers: [string, string][]) {
    this.#client = client;
    this.#headers = headers;
    client.onConsumed = (bytes) => this.#read(bytes);
  }

  /** Calls `taken` once the client keeps up: machines that talk faster than it reads have to wait. */
  whenRead(taken: () => void): void {
    if (this.#unread < MAX_UNREAD) taken();
    else this.#held.push(taken);
  }

  #read(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread >= MAX_UNREAD) return;
    for (const taken of this.#held.splice(0)) taken();
  }

  line(value: object): void {
    if (!this.#started) {
      this.#started = true;
      this.#client.head(200, [["content-type", "application/x-ndjson"], ...this.#headers]);
    }
    const bytes = this.#encoder.encode(`${JSON.stringify(value)}\n`);
    this.#bytes += bytes.length;
    this.#unread += bytes.length;
    this.#client.write(bytes);
  }

  /**
   * The last lines: that all went well, or what did not, a line each. Not before: clients leave at the first error, which
   * would stop the others.
   */
  finish(failures: readonly { agent: string; error: string }[]): number {
    if (failures.length === 0) this.line({ status: "success" });
    for (const { agent, error } of failures) this.line({ error: `${agent}: ${error}`, agent });
    this.#client.end();
    return this.#bytes;
  }
}
