import type { z } from "zod";
import { parseJson } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import type { Command, CommandResult } from "../command.ts";
import type { LockedSettings, OwnerSettings } from "../owner-settings.ts";
import type { AgentStatus } from "../status.ts";
import type { AgentControl } from "./agent-control.ts";
import { controlConnect, type ProvenSocket } from "./control-connect.ts";
import { ControlError } from "./control-error.ts";
import { ANSWER_VALUES, controlAnswer, type RequestType, refusal } from "./control-messages.ts";
import { type ControlSurroundings, controlSurroundings } from "./control-path.ts";

const ANSWER_MS = 10_000;
/** `logout` and `configure` end a connection in order first. */
const PERFORM_MS = 60_000;

const CLOSED = "the agent has closed the connection: it was stopped, or look again";

interface Waiting {
  answer(value: unknown): void;
  fail(error: Error): void;
}

/** The control socket of a running agent, from outside. */
export class ControlClient implements AgentControl {
  readonly #connection: ProvenSocket;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<void>;
  #next = 0;
  #lost: Error | undefined;

  /** @throws ControlError `absent` when no agent runs with that state directory */
  static async connect(
    stateDir: string,
    clock: Clock,
    surroundings: ControlSurroundings = controlSurroundings(),
  ): Promise<ControlClient> {
    return new ControlClient(await controlConnect(stateDir, clock, surroundings), clock);
  }

  private constructor(connection: ProvenSocket, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    const { socket, lines, early } = connection;
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("data", (bytes) => {
      const complete = lines.push(bytes);
      if (complete === undefined) this.#lose(new ControlError("failed", "the agent's answer is too long"));
      else for (const line of complete) this.#read(line);
    });
    const lose = (cause?: Error): void => this.#lose(new ControlError("failed", CLOSED, { cause }));
    socket.on("error", lose);
    socket.on("close", () => lose());
    if (socket.destroyed) lose();
    for (const line of early) this.#read(line);
    socket.resume();
  }

  status(): Promise<AgentStatus> {
    return this.#ask("status", {}, ANSWER_VALUES.status, ANSWER_MS);
  }

  settings(): Promise<{ settings: OwnerSettings; locked: LockedSettings }> {
    return this.#ask("settings", {}, ANSWER_VALUES.settings, ANSWER_MS);
  }

  perform(command: Command): Promise<CommandResult> {
    return this.#ask("perform", { command }, ANSWER_VALUES.perform, PERFORM_MS);
  }

  recentLog(): Promise<readonly string[]> {
    return this.#ask("log", {}, ANSWER_VALUES.log, ANSWER_MS);
  }

  watch(changed: (status: AgentStatus) => void, lost: (error: Error) => void): () => void {
    const fail = (error: Error): void => {
      this.#waiting.delete(id);
      lost(error);
    };
    const id = this.#send(
      "watch",
      {},
      {
        answer: (value) => {
          const parsed = ANSWER_VALUES.watch.safeParse(value);
          if (parsed.success) changed(parsed.data);
          else fail(notUnderstood("watch", parsed.error));
        },
        fail,
      },
    );
    return () => {
      if (!this.#waiting.delete(id)) return;
      // Nobody waits for its answer; should the agent be gone, nothing is left to end.
      this.#ask("unwatch", { watch: id }, ANSWER_VALUES.unwatch, ANSWER_MS).catch(() => {});
    };
  }

  async close(): Promise<void> {
    this.#connection.socket.destroy();
    await this.#closed;
  }

  #ask<T>(type: RequestType, fields: object, schema: z.ZodType<T>, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        cancel();
        this.#waiting.delete(id);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const cancel = this.#clock.after(ms, () =>
        fail(
          new ControlError(
            "failed",
            `the agent has not answered "${type}" within ${ms / 1_000} s: try again`,
          ),
        ),
      );
      const id = this.#send(type, fields, {
        answer: (value) => {
          settle();
          const parsed = schema.safeParse(value);
          if (parsed.success) resolve(parsed.data);
          else reject(notUnderstood(type, parsed.error));
        },
        fail,
      });
    });
  }

  #send(type: RequestType, fields: object, waiting: Waiting): number {
    const id = this.#next++;
    this.#waiting.set(id, waiting);
    const lost = this.#lost;
    // Not at once: who asks does not know the number yet.
    if (lost !== undefined) queueMicrotask(() => waiting.fail(lost));
    else this.#connection.socket.write(`${JSON.stringify({ id, type, ...fields })}\n`);
    return id;
  }

  #read(line: string): void {
    const value = parseJson(line);
    const refused = refusal.safeParse(value);
    if (refused.success) {
      this.#lose(new ControlError("failed", refused.data.refused));
      return;
    }
    const parsed = controlAnswer.safeParse(value);
    if (!parsed.success) {
      this.#lose(new ControlError("failed", "what listens there does not speak as an agent does"));
      return;
    }
    const answer = parsed.data;
    const waiting = this.#waiting.get(answer.id);
    // None: one that was no longer waited for.
    if (waiting === undefined) return;
    if ("error" in answer) waiting.fail(new ControlError("failed", answer.error));
    else waiting.answer(answer.value);
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#connection.socket.destroy();
    for (const waiting of [...this.#waiting.values()]) waiting.fail(error);
  }
}

function notUnderstood(type: RequestType, error: z.ZodError): ControlError {
  const issue = error.issues[0];
  return new ControlError(
    "failed",
    `the agent's answer to "${type}" is not understood (${issue?.path.join(".")}: ${issue?.message}): restart the agent`,
  );
}
