import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { makeDir } from "../../core/identity/make-dir.ts";
import { writePrivate } from "../../core/identity/write-private.ts";
import { codeOf } from "../../core/network-error.ts";
import type { ProgramApi } from "../program-api.ts";
import { ControlError } from "./control-error.ts";
import { ensureControlKey } from "./control-key.ts";
import {
  type ControlPlace,
  type ControlSurroundings,
  controlPlace,
  controlSurroundings,
  currentPath,
} from "./control-path.ts";
import { ControlSession } from "./control-session.ts";
import { probeControl } from "./probe-control.ts";
import { withStartLock } from "./start-lock.ts";

const CLIENTS = 32;

/**
 * The control socket of a running agent. It is also what sees to it that a state directory has one agent at a time: whoever
 * listens has it, and a dead one cannot keep it.
 */
export class ControlServer {
  readonly #stateDir: string;
  readonly #api: ProgramApi;
  readonly #clock: Clock;
  readonly #surroundings: ControlSurroundings;
  readonly #sessions = new Set<ControlSession>();
  #server: Server | undefined;

  constructor(options: {
    stateDir: string;
    api: ProgramApi;
    clock: Clock;
    surroundings?: ControlSurroundings;
  }) {
    this.#stateDir = options.stateDir;
    this.#api = options.api;
    this.#clock = options.clock;
    this.#surroundings = options.surroundings ?? controlSurroundings();
  }

  /**
   * Takes the state directory, before anything else in it is touched.
   * @throws ControlError `busy` when another agent has it, `failed` when the directory cannot be used
   */
  async start(): Promise<void> {
    try {
      makeDir(this.#stateDir);
      const place = controlPlace(this.#stateDir, this.#surroundings);
      await withStartLock(join(this.#stateDir, "control.lock"), this.#clock, () => this.#take(place));
    } catch (error) {
      await this.stop();
      if (error instanceof ControlError) throw error;
      throw new ControlError(
        "failed",
        `cannot listen in ${this.#stateDir} (${codeOf(error) ?? String(error)}): choose another --state-dir`,
        { cause: error },
      );
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const session of this.#sessions) session.close();
    // It removes the socket's file as well.
    await new Promise<void>((resolve) =>
      server?.listening === true ? server.close(() => resolve()) : resolve(),
    );
  }

  async #take(place: ControlPlace): Promise<void> {
    for (const path of new Set([currentPath(place), place.path])) {
      const listener = await probeControl(path, this.#clock);
      if (listener.alive) throw this.#busy(listener.pid);
    }
    if (place.isFile) await rm(place.path, { force: true });
    let key: string | undefined;
    const early: Socket[] = [];
    const server = createServer((socket) => {
      // What is wrong with a client's socket is the client's to tell; `close` follows.
      socket.on("error", () => {});
      if (key === undefined) early.push(socket);
      else this.#meet(socket, key);
    });
    this.#server = server;
    try {
      await listening(server, place.path);
    } catch (error) {
      if (codeOf(error) === "EADDRINUSE") throw this.#busy((await probeOf(place, this.#clock)).pid);
      throw error;
    }
    // One that the system cannot hand over, for want of descriptors, is one client's loss.
    server.on("error", () => {});
    if (place.isFile) await chmod(place.path, 0o600);
    if (place.pointer !== undefined) await writePrivate(place.pointer, `${place.path}\n`);
    try {
      key = await ensureControlKey(this.#stateDir);
    } catch (error) {
      for (const socket of early) socket.destroy();
      throw error;
    }
    for (const socket of early) this.#meet(socket, key);
  }

  #meet(socket: Socket, key: string): void {
    if (this.#sessions.size >= CLIENTS) {
      socket.end(`${JSON.stringify({ refused: `more than ${CLIENTS} clients at once` })}\n`);
      socket.destroySoon();
      return;
    }
    const session: ControlSession = new ControlSession(socket, {
      api: this.#api,
      clock: this.#clock,
      key,
      closed: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
  }

  #busy(pid: number | undefined): ControlError {
    const who = pid === undefined ? "which does not answer" : `pid ${pid}`;
    return new ControlError(
      "busy",
      `another agent (${who}) runs with this state directory, ${this.#stateDir}: stop it, or give this one its own --state-dir`,
    );
  }
}

async function probeOf(place: ControlPlace, clock: Clock): Promise<{ pid: number | undefined }> {
  const listener = await probeControl(place.path, clock);
  return { pid: listener.alive ? listener.pid : undefined };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
