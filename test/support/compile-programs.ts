import { routable, startAgent } from "./agent-process.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { startNodeHost } from "./hosts/node-host.ts";
import { startStandIn } from "./ollama/stand-in.ts";

/** Starts both programs once and lets them end in order: only a process that does so writes down what it has compiled. */
export default async function compilePrograms(): Promise<void> {
  const env = { NODE_COMPILE_CACHE: COMPILE_CACHE };
  const ollama = await startStandIn();
  const host = await startNodeHost({ env });
  try {
    const agent = await startAgent(host, { name: "first", ollamaUrl: ollama.url, env });
    try {
      await routable(host, "first");
      await agent.end("SIGTERM");
    } finally {
      await agent.dispose();
    }
    await host.terminate();
  } finally {
    await host.stop();
    await ollama.close();
  }
}
