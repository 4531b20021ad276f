/** Supervises an Ollama as an agent does, for tests that kill it: `node supervising-agent.ts STATE_DIR BINARY`. */
import { systemClock } from "../core/clock.ts";
import { Supervisor } from "../ollama/supervise/supervisor.ts";

const [stateDir = "", binary = ""] = process.argv.slice(2);
const supervisor = new Supervisor({
  stateDir,
  clock: systemClock,
  env: process.env,
  observe: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
process.on("SIGTERM", () => void supervisor.stop());
await supervisor.start({ binary, version: "0.33.0" });
