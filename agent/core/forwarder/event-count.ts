/** In each event of an OpenAI stream once. In text that a model wrote its quotes are escaped. */
const MARK = Buffer.from('"choices":');

/** Counts the events of an OpenAI stream that passes by, however it is cut: about one token each. */
export class EventCount {
  #events = 0;
  /** The end of what came before, in case the mark comes in pieces. */
  #before: Buffer = Buffer.alloc(0);

  get events(): number {
    return this.#events;
  }

  push(chunk: Buffer): void {
    const most = MARK.length - 1;
    // Neither piece holds a whole mark: what is found here lies across the cut.
    const across = Buffer.concat([this.#before, chunk.subarray(0, most)]);
    this.#events += marksIn(across) + marksIn(chunk);
    this.#before = chunk.length >= most ? Buffer.from(chunk.subarray(-most)) : across.subarray(-most);
  }
}

function marksIn(bytes: Buffer): number {
  let marks = 0;
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + MARK.length)) marks++;
  return marks;
}
