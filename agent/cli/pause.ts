import { complain, complaining } from "./complain.ts";
import { EXIT } from "./exit-codes.ts";
import { openControl } from "./open-control.ts";
import { pauseEnd } from "./pause-time.ts";
import type { Settings } from "./settings.ts";
import { momentText } from "./view/units.ts";

/** No new requests for a while; those that run go on. */
export function pause(settings: Settings): Promise<number> {
  return complaining(async () => {
    const now = new Date();
    const end = pauseEnd(settings, now);
    if (!end.ok) return complain(end.error, EXIT.usage);
    const { until } = end;
    const said = until === null ? "paused until `agent resume`" : `paused until ${momentText(until, now)}`;
    return performOne(settings, { type: "pause", until: until === null ? null : until.toISOString() }, said);
  });
}

export function resume(settings: Settings): Promise<number> {
  return complaining(() => performOne(settings, { type: "resume" }, "sharing again"));
}

async function performOne(
  settings: Settings,
  command: { type: "pause"; until: string | null } | { type: "resume" },
  said: string,
): Promise<number> {
  const control = await openControl(settings);
  try {
    const result = await control.perform(command);
    if (!result.ok) return complain(result.error);
    process.stdout.write(`${said}\n`);
    return EXIT.ok;
  } finally {
    await control.close();
  }
}
