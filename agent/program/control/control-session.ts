import type { Socket } from "node:net";
import { parseJson } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import type { ProgramApi } from "../program-api.ts";
import type { AgentStatus } from "../status.ts";
import { isSameProof, newNonce, proofOf } from "./control-key.ts";
import { CONTROL_PROTOCOL, type ControlRequest, clientProof, controlRequest } from "./control-messages.ts";
import { LineReader } from "./line-reader.ts";

/** The longest is `configure` with fifty entries of a schedule. */
const REQUEST_CHARS = 65_536;
const PROOF_MS = 5_000;
const IDLE_MS = 60_000;
const WATCHES = 4;
const PERFORMING = 16;
/** Of answers that a client asks for and does not read. */
const UNREAD_BYTES = 8 * 1024 * 1024;

interface Watch {
  /** The newest that could not be sent yet. */
  waiting: AgentStatus | undefined;
  end: () => void;
}

/** One client of the control socket, from greeting to close; errors of its socket are the server's. */
export class ControlSession {
  readonly #socket: Socket;
  readonly #api: ProgramApi;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #nonce = newNonce();
  readonly #lines = new LineReader(REQUEST_CHARS);
  readonly #watches = new Map<number, Watch>();
  #proven = false;
  #performing = 0;
  #cancelTimer = (): void => {};

  constructor(socket: Socket, deps: { api: ProgramApi; clock: Clock; key: string; closed: () => void }) {
    this.#socket = socket;
    this.#api = deps.api;
    this.#clock = deps.clock;
    this.#key = deps.key;
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("drain", () => this.#sendWaiting());
    socket.on("close", () => {
      this.#cancelTimer();
      for (const watch of this.#watches.values()) watch.end();
      this.#watches.clear();
      deps.closed();
    });
    this.#send({ protocol: CONTROL_PROTOCOL, pid: process.pid, nonce: this.#nonce });
    this.#cancelTimer = this.#clock.after(PROOF_MS, () => this.#refuse("no proof came in time"));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const lines = this.#lines.push(bytes);
    if (lines === undefined) {
      this.#refuse(`a line is longer than ${REQUEST_CHARS} characters`);
      return;
    }
    for (const line of lines) {
      if (this.#socket.destroyed || this.#socket.writableEnded) return;
      if (this.#proven) this.#request(line);
      else this.#prove(line);
    }
  }

  #prove(line: string): void {
    const given = clientProof.safeParse(parseJson(line)).data;
    const nonces = { server: this.#nonce, client: given?.nonce ?? "" };
    if (given === undefined || !isSameProof(given.proof, proofOf(this.#key, "client", nonces))) {
      this.#refuse("the control key is not this agent's: run this as the agent's user");
      return;
    }
    this.#proven = true;
    this.#send({ proof: proofOf(this.#key, "server", nonces) });
    this.#restIdle();
  }

  #request(line: string): void {
    this.#restIdle();
    const parsed = controlRequest.safeParse(parseJson(line));
    if (!parsed.success) {
      // Nobody would know which request an answer without its number is for.
      const issue = parsed.error.issues[0];
      this.#refuse(`a request that this agent does not know: ${issue?.path.join(".")}: ${issue?.message}`);
      return;
    }
    const request = parsed.data;
    switch (request.type) {
      case "status":
        this.#answer(request.id, this.#api.status());
        return;
      case "settings":
        this.#answer(request.id, this.#api.settings());
        return;
      case "log":
        this.#answer(request.id, this.#api.recentLog());
        return;
      case "watch":
        this.#watch(request.id);
        return;
      case "unwatch":
        this.#watches.get(request.watch)?.end();
        this.#watches.delete(request.watch);
        this.#restIdle();
        this.#answer(request.id, null);
        return;
      case "perform":
        void this.#perform(request);
    }
  }

  async #perform({ id, command }: Extract<ControlRequest, { type: "perform" }>): Promise<void> {
    if (this.#performing >= PERFORMING) {
      this.#fail(id, `more than ${PERFORMING} commands at once`);
      return;
    }
    this.#performing += 1;
    this.#cancelTimer();
    try {
      this.#answer(id, await this.#api.perform(command));
    } catch (error) {
      this.#fail(id, `${command.type} failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#performing -= 1;
      if (!this.#socket.destroyed) this.#restIdle();
    }
  }

  #watch(id: number): void {
    if (this.#watches.has(id)) {
      this.#fail(id, "this number is watched already");
      return;
    }
    if (this.#watches.size >= WATCHES) {
      this.#fail(id, `more than ${WATCHES} watches at once`);
      return;
    }
    const watch: Watch = { waiting: undefined, end: () => {} };
    this.#watches.set(id, watch);
    const show = (status: AgentStatus): void => {
      // A client that does not read gets the newest when it does, not each one that it missed.
      if (this.#socket.writableNeedDrain) watch.waiting = status;
      else this.#answer(id, status);
    };
    watch.end = this.#api.subscribe(show);
    this.#cancelTimer();
    show(this.#api.status());
  }

  #sendWaiting(): void {
    for (const [id, watch] of this.#watches) {
      const { waiting } = watch;
      watch.waiting = undefined;
      if (waiting !== undefined) this.#answer(id, waiting);
    }
  }

  /** Whoever watches, or waits for an answer, is expected to be silent. */
  #restIdle(): void {
    this.#cancelTimer();
    if (this.#watches.size > 0 || this.#performing > 0) return;
    this.#cancelTimer = this.#clock.after(IDLE_MS, () => this.#socket.destroy());
  }

  #answer(id: number, value: unknown): void {
    this.#send({ id, value });
  }

  #fail(id: number, error: string): void {
    this.#send({ id, error });
  }

  #refuse(why: string): void {
    this.#cancelTimer();
    if (this.#socket.destroyed) return;
    this.#socket.end(`${JSON.stringify({ refused: why })}\n`);
    // Its other half may stay open as long as its owner likes.
    this.#socket.destroySoon();
  }

  #send(message: object): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(`${JSON.stringify(message)}\n`);
    if (this.#socket.writableLength > UNREAD_BYTES) this.#socket.destroy();
  }
}
