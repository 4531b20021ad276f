import type { ResponseHead } from "../../protocol/messages.ts";
import type { Failure, MuxStream } from "../stream.ts";
import { mismatch, patternAt } from "./pattern.ts";

/** A user of a stream on one side: writes a pattern, checks the other side's, and counts the events. */
export class Endpoint {
  stream: MuxStream | undefined;
  heads = 0;
  ends = 0;
  readonly failures: Failure[] = [];
  received = 0;
  consumed = 0;
  written = 0;
  ended = false;
  /** This side gave up by itself: no event may follow. */
  gaveUp = false;
  readonly #name: string;
  readonly #salts: { out: number; in: number };
  #mayWrite = true;

  constructor(name: string, salts: { out: number; in: number }) {
    this.#name = name;
    this.#salts = salts;
  }

  readonly head = (_head: ResponseHead): void => {
    this.#quiet("head");
    this.heads++;
  };

  readonly data = (bytes: Uint8Array): void => {
    this.#quiet("data");
    if (this.ends > 0) throw new Error(`${this.#name}: data after the end`);
    const wrong = mismatch(this.#salts.in, this.received, bytes);
    if (wrong !== undefined) throw new Error(`${this.#name}: wrong byte at ${wrong}`);
    this.received += bytes.length;
  };

  readonly end = (): void => {
    this.#quiet("end");
    this.ends++;
  };

  readonly failed = (reason: Failure): void => {
    this.#quiet("failed");
    this.failures.push(reason);
  };

  readonly drain = (): void => {
    this.#quiet("drain");
    this.#mayWrite = true;
  };

  #quiet(event: string): void {
    if (this.gaveUp) throw new Error(`${this.#name}: ${event} after it gave up`);
    if (this.failures.length > 0) throw new Error(`${this.#name}: ${event} after failed`);
  }

  get mayWrite(): boolean {
    return this.#mayWrite && !this.ended && !this.gaveUp && this.failures.length === 0;
  }

  write(length: number): void {
    if (!this.mayWrite || this.stream === undefined) return;
    const bytes = patternAt(this.#salts.out, this.written, length);
    // A copy now and then: whole buffers and views of larger ones are kept differently.
    this.#mayWrite = this.stream.write(length % 2 === 0 ? bytes.slice() : bytes);
    this.written += length;
  }

  finish(json?: unknown): void {
    if (this.ended || this.gaveUp || this.failures.length > 0) return;
    this.ended = true;
    this.stream?.end(json);
  }

  giveUp(code: "cancelled" | "ollama_cut"): void {
    if (this.stream === undefined || this.stream.over) return;
    this.gaveUp = true;
    this.stream.reset(code);
  }

  consume(atMost: number): void {
    const length = Math.min(atMost, this.received - this.consumed);
    if (length === 0) return;
    this.consumed += length;
    this.stream?.consume(length);
  }
}
