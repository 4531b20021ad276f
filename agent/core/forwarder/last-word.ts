/** Ollama's only mark of success in a stream of progress lines; clients stop reading there, not at the end. */
const SUCCESS = '"status":"success"';

/**
 * Keeps back the bytes from which a client knows that an answer is complete: whatever has to be true by then can be brought
 * about first. Everything before goes at once.
 */
export class LastWord {
  /** There is no body: the head alone is the whole answer. */
  readonly isHead: boolean;
  /** Bytes that the declared length still leaves open; undefined when none was declared. */
  #left: number | undefined;
  /** The end of what came before, in case the mark comes in two pieces. */
  #before = "";
  #kept: Buffer | undefined;

  constructor(contentLength: string | undefined) {
    this.#left = contentLength === undefined ? undefined : Number(contentLength);
    this.isHead = this.#left === 0;
  }

  get kept(): Buffer | undefined {
    return this.#kept;
  }

  /** Takes a piece and gives back those that may go. */
  take(piece: Buffer): Buffer[] {
    // What was kept was not the last after all.
    const free = this.#kept === undefined ? [] : [this.#kept];
    this.#kept = undefined;
    if (this.#ends(piece)) this.#kept = piece;
    else free.push(piece);
    return free;
  }

  #ends(piece: Buffer): boolean {
    if (this.#left !== undefined) {
      this.#left -= piece.length;
      return this.#left <= 0;
    }
    const text = this.#before + piece.toString("latin1");
    this.#before = text.slice(-SUCCESS.length - 2);
    return text.includes(SUCCESS);
  }
}
