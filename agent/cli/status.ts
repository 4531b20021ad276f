import { systemClock } from "../core/clock.ts";
import { IdentityFile } from "../core/identity/identity-file.ts";
import { complain, complaining } from "./complain.ts";
import { EXIT } from "./exit-codes.ts";
import { liveStatus } from "./live-status.ts";
import { runningControl } from "./open-control.ts";
import type { Settings } from "./settings.ts";
import { probedLines, probedReport } from "./status-probe.ts";
import { isWell, liveReport, type StatusReport } from "./status-report.ts";
import { interrupted } from "./stop-signals.ts";
import { statusLines } from "./view/status-lines.ts";
import { terminalOf, wantsColour } from "./view/terminal.ts";

/** Says how the agent is, and without one whether its two neighbours can be reached; exit code 0 when all is well. */
export function status(settings: Settings): Promise<number> {
  return complaining(async () => {
    const control = await runningControl(settings);
    if (control === undefined) {
      const found = await probedReport(settings);
      process.stdout.write(settings.json ? json(found) : probedLines(found));
      return isWell(found) ? EXIT.ok : EXIT.fatal;
    }
    const terminal = terminalOf(process.stdout);
    const colour = wantsColour(terminal, process.env);
    try {
      if (terminal.isTTY && !settings.once && !settings.json) {
        const end = await liveStatus(control, {
          terminal,
          colour,
          clock: systemClock,
          stop: interrupted(),
        });
        return end === undefined ? EXIT.ok : complain(end.message);
      }
      const now = await control.status();
      const report = liveReport(now, await new IdentityFile(settings.stateDir).read());
      const lines = statusLines(now, { columns: terminal.columns, colour, now: new Date() });
      process.stdout.write(settings.json ? json(report) : `${lines.join("\n")}\n`);
      return isWell(report) ? EXIT.ok : EXIT.fatal;
    } finally {
      await control.close();
    }
  });
}

function json(report: StatusReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
