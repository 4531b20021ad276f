import { bytesOf } from "./changes.ts";

/** What is left of a diff. */
export class Room {
  #left: number;

  /** @param bytes UTF-8 */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Whether the text fits, so that `floor` bytes are left for others; then it is in. */
  take(text: string, floor = 0): boolean {
    const bytes = bytesOf(text) + 1;
    if (this.#left - bytes < floor) return false;
    this.#left -= bytes;
    return true;
  }
}

/** As many of a list's first as fit into `bytes`. */
export function fitting<T>(list: readonly T[], bytes: number): T[] {
  const room = new Room(bytes);
  const end = list.findIndex((each) => !room.take(JSON.stringify(each)));
  return end < 0 ? [...list] : list.slice(0, end);
}
