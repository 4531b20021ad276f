import type { ErrorCode } from "../../../shared/api/errors.ts";
import type { ClientSide } from "../client-side.ts";
import { textOf } from "./bytes.ts";

/** A client that writes down what happens to it, in order, and objects to an order that cannot be. */
export class RecordingClient implements ClientSide {
  readonly journal: string[] = [];
  status: number | undefined;
  headers: [string, string][] = [];
  readonly chunks: Uint8Array[] = [];
  failure: ErrorCode | undefined;
  ended = false;
  gone = false;
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  /** False: it reads nothing until `consume` is called. */
  #reads: boolean;
  #waiting = 0;

  constructor(options: { reads?: boolean } = {}) {
    this.#reads = options.reads ?? true;
  }

  get body(): string {
    return textOf(this.chunks);
  }
  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  header(name: string): string | undefined {
    return this.headers.find(([known]) => known === name)?.[1];
  }

  head(status: number, headers: [string, string][]): void {
    if (this.status !== undefined) throw new Error("second head");
    this.status = status;
    this.headers = headers;
    this.journal.push(`head ${status}`);
  }

  write(bytes: Uint8Array): void {
    if (this.status === undefined) throw new Error("bytes before the head");
    if (this.ended) throw new Error("bytes after the end");
    if (this.gone) throw new Error("bytes for a client that has left");
    this.chunks.push(bytes.slice());
    this.journal.push(`write ${bytes.length}`);
    if (this.#reads) this.onConsumed(bytes.length);
    else this.#waiting += bytes.length;
  }

  end(): void {
    this.#finish("end");
  }

  fail(code: ErrorCode): void {
    this.failure = code;
    this.#finish(`fail ${code}`);
  }

  #finish(entry: string): void {
    if (this.status === undefined) throw new Error(`${entry} before the head`);
    if (this.ended) throw new Error(`${entry} after the end`);
    this.ended = true;
    this.journal.push(entry);
  }

  /** Reads what waits, and from now on everything as it comes. */
  consume(): void {
    this.#reads = true;
    const bytes = this.#waiting;
    this.#waiting = 0;
    if (bytes > 0) this.onConsumed(bytes);
  }

  leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.onGone();
  }
}
