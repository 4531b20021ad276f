import { createServer } from "node:http";
import { Machine } from "./machine.ts";
import { requestListener } from "./serve.ts";
import type { StandInOllama, StandInOptions } from "./types.ts";

export type { Fault, SeenRequest, StandInModel, StandInOllama, StandInOptions } from "./types.ts";

/** A double of an Ollama server, for tests and benchmarks: real HTTP, no models. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandInOllama> {
  const machine = new Machine(options);
  const { journal } = machine;
  const { host } = machine.options;
  const server = createServer(
    // Ollama has no timeouts: answers may take minutes, and its connections stay.
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
    requestListener(machine),
  );

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, 4096, () => {
        server.off("error", reject);
        resolve();
      });
    });

  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      journal.settleAll();
      server.closeAllConnections();
    });

  await listen(machine.options.port);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  const { port } = address;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;

  return {
    url: `http://${shown}:${port}`,
    port,
    seen: journal.seen,
    inFlight: () => journal.inFlight,
    maxInFlight: () => journal.maxInFlight,
    models: () => machine.newestFirst().map((model) => model.name),
    loaded: () => machine.running().map(({ model }) => model.name),
    misbehave: (fault, { path, times = 1 } = {}) => machine.faults.plan(fault, path, times),
    hang: () => {
      let resume = () => {};
      const hung = new Promise<void>((resolve) => {
        resume = resolve;
      });
      machine.hung = hung;
      return () => {
        if (machine.hung === hung) machine.hung = undefined;
        resume();
      };
    },
    refuse: async () => {
      await stop();
      return () => listen(port);
    },
    waitFor: (predicate, timeoutMs = 5000) => journal.waitFor(predicate, timeoutMs),
    clear: () => journal.clear(),
    close: async () => {
      if (server.listening) await stop();
    },
  };
}
