import type { Clock } from "../../../core/clock.ts";
import type { OwnerSensors } from "../sensors.ts";
import { mainsOnLinux } from "./mains-linux.ts";
import { nvidiaUse } from "./nvidia.ts";
import { mainsFromPmset } from "./pmset.ts";
import { runTool } from "./run-tool.ts";
import { windowsFacts, windowsHelper } from "./windows.ts";
import { fullScreenOnX11 } from "./xprop.ts";

/** The sensors of this machine. `close` ends what they have started. */
export function systemSensors(
  clock: Clock,
  platform: NodeJS.Platform = process.platform,
): OwnerSensors & { close(): void } {
  const gpuUsedByOthers: OwnerSensors["gpuUsedByOthers"] = () => nvidiaUse(runTool);
  switch (platform) {
    case "win32": {
      const helper = windowsHelper(clock);
      const facts = async () => windowsFacts(await helper.ask());
      return {
        onMains: async () => (await facts()).onMains,
        fullScreen: async () => (await facts()).fullScreen,
        gpuUsedByOthers,
        close: () => helper.close(),
      };
    }
    case "darwin":
      return {
        onMains: async () => mainsFromPmset((await runTool("pmset", ["-g", "batt"])) ?? ""),
        fullScreen: async () => undefined,
        gpuUsedByOthers,
        close: () => {},
      };
    default:
      return {
        onMains: () => mainsOnLinux(),
        fullScreen: () => fullScreenOnX11(runTool, process.env),
        gpuUsedByOthers,
        close: () => {},
      };
  }
}
