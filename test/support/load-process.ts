import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { FeedLoadOptions } from "./feed-load.ts";

const PROGRAM = fileURLToPath(new URL("./load-main.ts", import.meta.url));
const said = z.object({ url: z.string(), adminToken: z.string() });

/** A coordinator under load that takes nothing from the core of whoever measures. @throws when it does not start */
export async function startLoadedProcess(
  options: FeedLoadOptions,
): Promise<{ readonly url: string; readonly adminToken: string; stop(): Promise<void> }> {
  const child = fork(PROGRAM, [options.agents, options.requestsPerSecond].map(String));
  const exited = once(child, "exit");
  const [first]: unknown[] = await Promise.race([once(child, "message"), exited]);
  const { url, adminToken } = said.parse(first);
  return {
    url,
    adminToken,
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
