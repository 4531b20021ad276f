import type { ByteSource } from "../coordinator/client-side.ts";
import { KEEP, type MemoryBudget } from "./memory-budget.ts";

/** Most bodies are smaller, bytes: what is done to save memory with larger ones is not worth it for them. */
export const SMALL = 64 * 1024;
/** No platform hands out more at once, bytes. */
const LARGEST_PIECE = 1024 * 1024;

/** The body for one attempt: what it has not handed out yet counts in the budget until it is read, cancelled or released. */
export interface ReplayAttempt extends ByteSource {
  /** Gives its part of the budget back at once: for who cannot see when the rest is read, or that nobody will. */
  release(): void;
}

/**
 * A request body that can be sent again as long as what was read of it is kept. Reads from the client only as fast as somebody
 * asks: what no agent has been chosen for stays in the client's socket.
 */
export class ReplayBody {
  readonly #source: ByteSource;
  readonly #budget: MemoryBudget;
  /** What was read so far; undefined once it is not kept any more. */
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  /** What was taken from the budget, bytes: at least what is kept; then what the current attempt still has of it. */
  #taken = 0;
  #ended = false;
  #broken = false;
  #current: Attempt | undefined;
  /** Most that will have to be kept of it, bytes; undefined when the client does not say how much it sends. */
  readonly #most: number | undefined;

  readonly #declared: number;

  /** @param length what the client declared, bytes; negative when it did not */
  constructor(source: ByteSource, budget: MemoryBudget, length: number) {
    this.#source = source;
    this.#budget = budget;
    this.#declared = length;
    this.#most = length < 0 ? undefined : Math.min(length, KEEP.request);
  }

  /** The client stopped in the middle of its body: nobody waits for an answer, and no other attempt gets further. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Whether an attempt may start: everything that was read is still there. */
  get replayable(): boolean {
    return this.#kept !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What is kept; for looking for the model. */
  get kept(): readonly Uint8Array[] {
    return this.#kept ?? [];
  }

  /**
   * Reads one more piece and keeps it.
   * @returns null at the end, undefined when it could not be kept: the request cannot go on
   */
  async readAhead(): Promise<Uint8Array | null | undefined> {
    const chunk = await this.#readSource();
    if (chunk === null) {
      this.#ended = true;
      return null;
    }
    // All or nothing: of 200 bodies that grow side by side each would read its share before most are turned away.
    if (this.#keptBytes + chunk.length > SMALL && !this.#cover(this.#most ?? 0)) {
      this.forget();
      return undefined;
    }
    return this.#keep(chunk) ? chunk : undefined;
  }

  async #readSource(): Promise<Uint8Array | null> {
    try {
      return await this.#source.read();
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  /** Sees to it that the budget has been asked for `bytes`. */
  #cover(bytes: number): boolean {
    if (bytes <= this.#taken) return true;
    if (!this.#budget.take(bytes - this.#taken)) return false;
    this.#taken = bytes;
    return true;
  }

  /**
   * Whether the next piece can be read ahead without a risk to what is kept, which `readAhead` would forget: makes room for all
   * of the body, or where that is not known for any piece that a platform hands out.
   */
  mayReadOn(): boolean {
    if (this.#kept === undefined || this.#ended) return false;
    const next = this.#keptBytes + LARGEST_PIECE;
    const bytes = this.#declared < 0 || this.#declared > KEEP.request ? next : this.#declared;
    return bytes > this.#keptBytes && bytes <= KEEP.request && this.#cover(Math.max(bytes, this.#most ?? 0));
  }

  /** Gives back what was reserved for looking further. */
  found(): void {
    this.#budget.give(this.#taken - this.#keptBytes);
    this.#taken = this.#keptBytes;
  }

  #keep(chunk: Uint8Array): boolean {
    if (this.#kept === undefined) return false;
    const bytes = this.#keptBytes + chunk.length;
    if (bytes > KEEP.request || !this.#cover(bytes)) {
      this.forget();
      return false;
    }
    this.#kept.push(chunk);
    this.#keptBytes = bytes;
    return true;
  }

  /** A small body in one piece, when all of it has been read already; `length` is what the client declared. */
  whole(length: number): Uint8Array | undefined {
    // A large one would be there twice for as long as the request waits.
    if (this.#kept === undefined || this.#keptBytes !== length || length > SMALL) return undefined;
    const [first] = this.#kept;
    if (first !== undefined && this.#kept.length === 1) return first;
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.#kept) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** There will be no other attempt: the answer has begun, or it is over. What the current one has yet to hand out stays. */
  forget(): void {
    this.#keptBytes = 0;
    this.#kept = undefined;
    this.#settle();
  }

  /** Nobody reads it any more. */
  drop(): void {
    this.forget();
    this.#current?.cancel();
  }

  /**
   * Once nothing is kept, the budget gets back what the current attempt does not hold: an answer may begin long before its body
   * is read, when its client hears of its place in the line.
   */
  #settle(): void {
    if (this.#kept !== undefined) return;
    const held = Math.min(this.#taken, this.#current?.held ?? 0);
    this.#budget.give(this.#taken - held);
    this.#taken = held;
  }

  /** The body from its beginning, for one attempt; the attempt before it gets nothing more. */
  attempt(): ReplayAttempt {
    if (this.#kept === undefined) throw new Error("the body is not kept any more");
    this.#current?.cancel();
    const attempt = new Attempt(
      [...this.#kept],
      () => this.#pull(),
      () => this.#settle(),
      () => this.replayable,
    );
    this.#current = attempt;
    return attempt;
  }

  /** One read of the client at a time; an attempt that was given up may have left one under way for the next. */
  #pulling: Promise<boolean> | undefined;

  /** Reads one more piece for whichever attempt is current; false at the end. */
  #pull(): Promise<boolean> {
    this.#pulling ??= this.#read().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #read(): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = await this.#readSource();
    if (chunk === null) {
      this.#ended = true;
      return false;
    }
    const kept = this.#keep(chunk);
    this.#current?.take(chunk);
    // On its way through: if there is no room for it, it is gone in a moment all the same.
    if (!kept) this.#cover(this.#current?.held ?? 0);
    return true;
  }
}

/** First what was kept, then what comes. Holds on to nothing that it has handed out. */
class Attempt implements ReplayAttempt {
  readonly #queue: Uint8Array[];
  readonly #pull: () => Promise<boolean>;
  readonly #settle: () => void;
  readonly #replayable: () => boolean;
  #queued: number;
  #cancelled = false;
  #released = false;

  /** @param settle called when it holds less than before */
  constructor(
    queue: Uint8Array[],
    pull: () => Promise<boolean>,
    settle: () => void,
    replayable: () => boolean,
  ) {
    this.#queue = queue;
    this.#pull = pull;
    this.#settle = settle;
    this.#replayable = replayable;
    this.#queued = queue.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** What it has not handed out yet, bytes, as far as the budget is concerned. */
  get held(): number {
    return this.#released ? 0 : this.#queued;
  }

  get replayable(): boolean {
    return this.#replayable();
  }

  take(chunk: Uint8Array): void {
    if (this.#cancelled) return;
    this.#queue.push(chunk);
    this.#queued += chunk.length;
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#cancelled) return null;
    return this.#shift() ?? this.#next();
  }

  async #next(): Promise<Uint8Array | null> {
    const more = await this.#pull();
    return this.#cancelled || !more ? null : (this.#shift() ?? null);
  }

  #shift(): Uint8Array | undefined {
    const chunk = this.#queue.shift();
    if (chunk === undefined) return undefined;
    this.#queued -= chunk.length;
    this.#settle();
    return chunk;
  }

  release(): void {
    this.#released = true;
    this.#settle();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#queue.length = 0;
    this.#queued = 0;
    this.#settle();
  }
}
