import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";
import { fetchGauges, type GaugedHost } from "./gauges.ts";
import { startNodeHost } from "./node-host.ts";

const PROGRAM = fileURLToPath(new URL("./gauged-coordinator.ts", import.meta.url));

/** The self-hosted coordinator with a look into its multiplexers. */
export async function startGaugedNodeHost(): Promise<GaugedHost> {
  const port = await freePort();
  const host = await startNodeHost({ program: PROGRAM, env: { GAUGES_PORT: String(port) } });
  return { ...host, gauges: () => fetchGauges(`http://127.0.0.1:${port}/`) };
}
