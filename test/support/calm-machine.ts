import { syncBuiltinESMExports } from "node:module";
import os, { totalmem } from "node:os";

/**
 * Loaded before an agent (`NODE_OPTIONS=--import=…`): its machine is as busy as CALM_CPU_PERCENT says, 10 by default,
 * whatever else runs on it, and has a graphics card with CALM_GPU_MB of memory, where that is set. Strategies look at that, and
 * a test's own load must not choose for them.
 */
const percent = Number(process.env.CALM_CPU_PERCENT ?? 10);
let samples = 0;
os.cpus = () => {
  samples++;
  const times = { user: samples * percent, nice: 0, sys: 0, idle: samples * (100 - percent), irq: 0 };
  return [{ model: "calm", speed: 1, times }];
};
os.freemem = () => totalmem() / 2;
syncBuiltinESMExports();

const gpuMb = Number(process.env.CALM_GPU_MB ?? 0);
if (gpuMb > 0) {
  const { default: information } = await import("systeminformation");
  const graphics = { controllers: [{ model: "calm", memoryTotal: gpuMb, memoryUsed: 0 }], displays: [] };
  Object.assign(information, { graphics: () => Promise.resolve(graphics) });
}
