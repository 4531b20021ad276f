import type { MainIpc, PageIpc } from "../ipc.ts";

/** Both ends of a wire between a page and its main process; what crosses it is copied, as Electron does. */
export class MemoryWire {
  /** What the page has sent. */
  readonly invoked: { channel: string; payload: unknown }[] = [];
  /** What the page was sent. */
  readonly sent: { channel: string; payload: unknown }[] = [];
  readonly #handlers = new Map<string, (payload: unknown) => Promise<unknown>>();
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  readonly #lies = new Map<string, unknown>();

  readonly main: MainIpc = {
    handle: (channel, listener) => {
      this.#handlers.set(channel, listener);
      return () => this.#handlers.delete(channel);
    },
    send: (channel, payload) => {
      this.sent.push({ channel, payload });
      for (const listener of this.#listeners.get(channel) ?? []) listener(structuredClone(payload));
    },
  };

  readonly page: PageIpc = {
    invoke: async (channel, payload) => {
      this.invoked.push({ channel, payload });
      if (this.#lies.has(channel)) return this.#lies.get(channel);
      const handler = this.#handlers.get(channel);
      if (handler === undefined) throw new Error(`no handler registered for ${channel}`);
      return structuredClone(await handler(structuredClone(payload)));
    },
    on: (channel, listener) => {
      const all = this.#listeners.get(channel) ?? new Set();
      this.#listeners.set(channel, all.add(listener));
      return () => all.delete(listener);
    },
  };

  get handlers(): number {
    return this.#handlers.size;
  }

  answerInstead(channel: string, answer: unknown): void {
    this.#lies.set(channel, answer);
  }
}
