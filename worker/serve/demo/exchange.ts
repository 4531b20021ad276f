import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request to a simulated Ollama and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  /** Aborted when the client is gone: what still works for it shall end. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
    const controller = new AbortController();
    response.on("close", () => controller.abort());
    this.gone = controller.signal;
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  async body(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.request) if (chunk instanceof Uint8Array) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }

  json(status: number, value: unknown): void {
    this.#response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    this.#response.end(JSON.stringify(value));
  }

  text(status: number, text: string): void {
    this.#response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
  }

  /** Sends the first part of a stream's answer or a further one. @throws when the client is gone */
  async send(type: "application/x-ndjson" | "text/event-stream", text: string): Promise<void> {
    if (!this.begun) this.#response.writeHead(200, { "content-type": type });
    if (!this.#response.write(text)) await once(this.#response, "drain", { signal: this.gone });
  }

  event(data: unknown, name?: string): Promise<void> {
    const head = name === undefined ? "" : `event: ${name}\n`;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return this.send("text/event-stream", `${head}data: ${text}\n\n`);
  }

  line(value: unknown): Promise<void> {
    return this.send("application/x-ndjson", `${JSON.stringify(value)}\n`);
  }

  end(): void {
    this.#response.end();
  }

  drop(): void {
    this.#response.destroy();
  }
}
