export type ServerSent = { comment: string } | { event: string | undefined; data: string };

/** Lines of an event stream as its events and comments. An event that no blank line ends never was one. */
export class ServerSentEvents {
  #event: string | undefined;
  #data: string[] = [];

  push(line: string): ServerSent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "") return { comment: value };
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    return undefined;
  }

  #dispatch(): ServerSent | undefined {
    const [event, data] = [this.#event, this.#data];
    this.#event = undefined;
    this.#data = [];
    return data.length === 0 ? undefined : { event, data: data.join("\n") };
  }
}
