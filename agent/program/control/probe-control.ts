import { connect } from "node:net";
import { parseJson } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf } from "../../core/network-error.ts";
import { greeting } from "./control-messages.ts";
import { LineReader } from "./line-reader.ts";

const GREETING_MS = 3_000;
/** Nothing is there, or what a dead one has left. */
const DEAD = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK"]);
const GREETING_CHARS = 1_000;

/** Who listens: nobody, or an agent; without a pid when it does not say, as one that hangs. */
export type Listener = { alive: false } | { alive: true; pid: number | undefined };

/** Asks only who is there. */
export function probeControl(path: string, clock: Clock): Promise<Listener> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const lines = new LineReader(GREETING_CHARS);
    const say = (listener: Listener): void => {
      cancel();
      socket.destroy();
      resolve(listener);
    };
    const cancel = clock.after(GREETING_MS, () => say({ alive: true, pid: undefined }));
    socket.on("error", (error) => {
      say(DEAD.has(codeOf(error) ?? "") ? { alive: false } : { alive: true, pid: undefined });
    });
    socket.on("data", (bytes) => {
      const [line] = lines.push(bytes) ?? [""];
      if (line !== undefined) say({ alive: true, pid: greeting.safeParse(parseJson(line)).data?.pid });
    });
    socket.on("close", () => say({ alive: true, pid: undefined }));
  });
}
