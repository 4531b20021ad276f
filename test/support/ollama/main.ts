/** The stand-in as a program, for benchmarks that give it a process of its own. */
import { parseArgs } from "node:util";
import { startStandIn } from "./stand-in.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    version: { type: "string", default: "0.33.0" },
    models: { type: "string", default: "tiny" },
    tokens: { type: "string", default: "8" },
    "token-delay-ms": { type: "string", default: "0" },
    "first-token-delay-ms": { type: "string", default: "0" },
    "load-delay-ms": { type: "string", default: "0" },
    "max-loaded": { type: "string", default: "Infinity" },
    "num-parallel": { type: "string", default: "Infinity" },
    "allow-origins": { type: "boolean", default: false },
    "exit-with-parent": { type: "boolean", default: false },
  },
});

const standIn = await startStandIn({
  port: Number(values.port),
  host: values.host,
  version: values.version,
  models: values.models.split(",").filter((name) => name !== ""),
  tokens: Number(values.tokens),
  tokenDelayMs: Number(values["token-delay-ms"]),
  firstTokenDelayMs: Number(values["first-token-delay-ms"]),
  loadDelayMs: Number(values["load-delay-ms"]),
  maxLoaded: Number(values["max-loaded"]),
  numParallel: Number(values["num-parallel"]),
  rejectOrigins: !values["allow-origins"],
});

const exit = () => process.exit(0);
process.on("SIGTERM", exit);
process.on("SIGINT", exit);
if (values["exit-with-parent"]) process.stdin.on("end", exit).on("close", exit).resume();

process.stdout.write(`${JSON.stringify({ url: standIn.url })}\n`);
