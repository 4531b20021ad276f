import { startLoadedCoordinator } from "./feed-load.ts";

/* A coordinator under a load, as a process of its own: ends with whoever started it. */

const [agents, requestsPerSecond] = process.argv.slice(2).map(Number);
if (process.send === undefined || agents === undefined || requestsPerSecond === undefined) {
  throw new Error("started by startLoadedProcess of load-process.ts, with a number of machines and requests");
}
const loaded = await startLoadedCoordinator({ agents, requestsPerSecond });
process.once("disconnect", () => {
  // Its machines know no end by themselves.
  void loaded.stop().finally(() => process.exit());
});
process.send({ url: loaded.url, adminToken: loaded.adminToken });
