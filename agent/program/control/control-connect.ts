import { connect, type Socket } from "node:net";
import type { z } from "zod";
import { parseJson } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf } from "../../core/network-error.ts";
import { ControlError, noAgent } from "./control-error.ts";
import { isSameProof, newNonce, proofOf, readControlKey } from "./control-key.ts";
import { CONTROL_PROTOCOL, greeting, refusal, serverProof } from "./control-messages.ts";
import { type ControlSurroundings, controlPlace, currentPath } from "./control-path.ts";
import { LineReader } from "./line-reader.ts";

const CONNECT_MS = 5_000;
/** A status with thousands of models, or a whole log. */
export const ANSWER_CHARS = 16 * 1024 * 1024;

/** A connection on which both ends have shown that they have the key; lines come as they are. */
export interface ProvenSocket {
  socket: Socket;
  lines: LineReader;
  /** What came behind the proof. */
  early: string[];
}

/**
 * Connects to the agent of a state directory.
 * @throws ControlError `absent` when none runs, `failed` when it is not to be spoken to
 */
export async function controlConnect(
  stateDir: string,
  clock: Clock,
  surroundings: ControlSurroundings,
): Promise<ProvenSocket> {
  const path = currentPath(controlPlace(stateDir, surroundings));
  const socket = connect(path);
  const lines = new LineReader(ANSWER_CHARS);
  const cancel = clock.after(CONNECT_MS, () =>
    socket.destroy(
      new ControlError("failed", `the agent with state directory ${stateDir} does not answer: restart it`),
    ),
  );
  try {
    const incoming = readLines(socket, lines);
    const hello = read(greeting, await incoming.next());
    if (hello.protocol !== CONTROL_PROTOCOL) {
      throw new ControlError(
        "failed",
        `the agent that runs (pid ${hello.pid}) is of another version: restart it`,
      );
    }
    // Only now: an agent that has just made its key has it before it greets.
    const key = await readControlKey(stateDir);
    if (key === undefined)
      throw new ControlError("failed", `${stateDir} has no control.key: restart the agent`);
    const nonces = { server: hello.nonce, client: newNonce() };
    socket.write(`${JSON.stringify({ nonce: nonces.client, proof: proofOf(key, "client", nonces) })}\n`);
    const { proof } = read(serverProof, await incoming.next());
    if (!isSameProof(proof, proofOf(key, "server", nonces))) {
      throw new ControlError(
        "failed",
        `what listens at ${path} is not this user's agent: nothing was sent to it`,
      );
    }
    return { socket, lines, early: incoming.stop() };
  } catch (error) {
    socket.destroy();
    throw failureOf(error, stateDir);
  } finally {
    cancel();
  }
}

interface IncomingLines {
  next(): Promise<string>;
  /** Lets go of the socket; what was not read. */
  stop(): string[];
}

/** Lines one by one, for as long as who speaks next is known. */
function readLines(socket: Socket, reader: LineReader): IncomingLines {
  const ready: string[] = [];
  let failure: Error | undefined;
  let wake = (): void => {};
  const onData = (bytes: Buffer): void => {
    const lines = reader.push(bytes);
    if (lines === undefined) socket.destroy(new ControlError("failed", "the agent's answer is too long"));
    else ready.push(...lines);
    wake();
  };
  const onError = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const onClose = (): void =>
    onError(new ControlError("failed", "the agent closed the connection: try again"));
  socket.on("data", onData);
  socket.on("error", onError);
  socket.on("close", onClose);
  return {
    async next() {
      for (;;) {
        const value = ready.shift();
        if (value !== undefined) return value;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    stop() {
      socket.pause();
      socket.off("data", onData);
      socket.off("close", onClose);
      // `error` stays: between this owner and the next one none may go without a listener.
      return ready;
    },
  };
}

function read<T>(schema: z.ZodType<T>, line: string): T {
  const value = parseJson(line);
  const refused = refusal.safeParse(value);
  if (refused.success) throw new ControlError("failed", refused.data.refused);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ControlError("failed", "what listens there does not speak as an agent does");
  return parsed.data;
}

function failureOf(error: unknown, stateDir: string): Error {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ECONNREFUSED") return noAgent(stateDir);
  if (error instanceof ControlError || code === undefined) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const what = code === "EACCES" || code === "EPERM" ? "it is another user's" : "try again";
  return new ControlError(
    "failed",
    `cannot reach the agent with state directory ${stateDir} (${code}): ${what}`,
    {
      cause: error,
    },
  );
}
