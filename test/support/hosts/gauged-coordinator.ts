import "../../../worker/serve/lean-drizzle.ts";
import { createServer } from "node:http";

/**
 * The coordinator program with one more port (GAUGES_PORT), on which it says what its multiplexers hold. A process of its
 * own, because its memory is measured; the product has no such route.
 */
const { readInvocation } = await import("../../../worker/serve/invocation.ts");
const { startCoordinatorServer } = await import("../../../worker/serve/coordinator-server.ts");
const { brainLog, openLog } = await import("../../../worker/serve/log.ts");

const invocation = readInvocation(process.argv.slice(2), process.env);
if (!invocation.ok) throw new Error(invocation.error);
const { port, host, dataDir, adminToken, clientAuth, corsOrigins, logLevel } = invocation.options;
const { coordinator } = await startCoordinatorServer({
  port,
  host,
  dataDir,
  adminToken: adminToken ?? "",
  clientAuth,
  hosts: [],
  corsOrigins,
  demo: false,
  log: brainLog(openLog(logLevel)),
});
createServer((_request, response) => response.end(JSON.stringify(coordinator.gauges()))).listen(
  Number(process.env.GAUGES_PORT),
  "127.0.0.1",
);
