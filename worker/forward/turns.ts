import { hashText, LaneHash, type Mark } from "./lane-hash.ts";

/** Below this, bytes, reading a conversation's beginning anew costs a machine nothing worth a detour. */
const WORTH = 1_024;
/** Most ends that are looked for, and that are remembered: a client adds a few messages a turn, and the table is shared by all. */
const MOST = { match: 32, remember: 8 };

/**
 * The ends of a conversation's messages, each with the hash of all up to it. Request n+1 of a conversation holds the messages
 * of request n as its beginning, so the hash of n's whole list is among the ends of n+1: whoever answered n has it in its cache.
 */
export class Turns {
  readonly #seed: string;
  #hash: LaneHash;
  #bytes = 0;
  #before = 0;
  #answered = false;
  #complete = false;
  #last: Mark | undefined;
  #match: Mark[] = [];
  #remember: Mark[] = [];

  /** @param seed conversations of different seeds never have a hash in common */
  constructor(seed: string) {
    this.#seed = seed;
    this.#hash = new LaneHash(seed);
  }

  /** The list begins anew: of two, Ollama takes the last. */
  reset(): void {
    this.#hash = new LaneHash(this.#seed);
    this.#bytes = 0;
    this.#before = 0;
    this.#answered = false;
    this.#complete = false;
    this.#last = undefined;
    this.#match = [];
    this.#remember = [];
  }

  /** Takes the next bytes of the message. */
  add(bytes: Uint8Array, from: number, to: number): void {
    this.#hash.add(bytes, from, to);
    this.#bytes += to - from;
  }

  /** @param answer the message is the model's */
  endMessage(answer: boolean): void {
    if (this.#bytes === this.#before) return;
    this.#before = this.#bytes;
    this.#hash.endElement();
    this.#answered ||= answer;
    if (this.#bytes < WORTH) return;
    this.#last = this.#hash.mark();
    keepLast(this.#match, this.#last, MOST.match);
    // Without an answer in it, a beginning is a system prompt that many conversations share: it must not tie them together.
    if (this.#answered) keepLast(this.#remember, this.#last, MOST.remember);
  }

  endList(): void {
    this.#complete = true;
  }

  /** Ends to look for, shortest first: none for a conversation that no machine can have answered yet. */
  get match(): string[] {
    return this.#answered ? this.#match.slice(-MOST.match).map(hashText) : [];
  }

  /**
   * Ends under which to remember who answers, shortest first. More than the whole list, since some clients change late messages
   * from turn to turn; the whole list also when it has no answer yet, or a conversation's second request would find nothing.
   */
  get remember(): string[] {
    if (this.#answered) return this.#remember.slice(-MOST.remember).map(hashText);
    return this.#complete && this.#last !== undefined ? [hashText(this.#last)] : [];
  }
}

function keepLast(marks: Mark[], mark: Mark, most: number): void {
  marks.push(mark);
  // Now and then: moving all of them with each message would cost more than to read it.
  if (marks.length > 4 * most) marks.splice(0, marks.length - most);
}
