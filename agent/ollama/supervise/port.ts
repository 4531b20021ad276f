import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/answer.ts";

export const USUAL_PORT = 11_434;
const HOST = "127.0.0.1";
/** Windows tries a closed port for two seconds. */
const HANGING_MS = 4_000;

const stored = z.object({ port: z.number().int().min(1).max(65_535) });

export interface PortDeps {
  /** Default: asks the system. */
  isFree?: (port: number) => Promise<boolean>;
}

/**
 * The port for a managed server: the one that it had before, the usual one, or any that is free; whichever it is, it is kept in
 * `dir` for the next time. @throws the system's error when there is none, or it cannot be kept
 */
export async function choosePort(dir: string, { isFree = isPortFree }: PortDeps = {}): Promise<number> {
  const file = join(dir, "port.json");
  const before = stored.safeParse(parseJson(await readFile(file, "utf8").catch(() => "")));
  if (before.success && (await isFree(before.data.port))) return before.data.port;
  const port = (await isFree(USUAL_PORT)) ? USUAL_PORT : await anyPort();
  await writeFile(file, `${JSON.stringify({ port })}\n`, { mode: 0o600 });
  return port;
}

/** Whether nobody has it; a server that listens on all addresses has it as well, which macOS lets another one ignore. */
export async function isPortFree(port: number): Promise<boolean> {
  return !(await isAnswered(port)) && (await listenOn(port)) !== undefined;
}

async function anyPort(): Promise<number> {
  const port = await listenOn(0);
  if (port === undefined) throw new Error(`no free port on ${HOST}`);
  return port;
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: HANGING_MS });
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => done(true));
    // Nobody there is said at once; who takes no connection has too many that wait.
    socket.once("timeout", () => done(true));
    socket.once("error", () => done(false));
  });
}

/** The port that could be listened on, a moment ago. */
function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
