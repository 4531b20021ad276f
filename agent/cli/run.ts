import { systemClock } from "../core/clock.ts";
import type { LoopEnd } from "../program/agent-loop.ts";
import { ControlServer } from "../program/control/control-server.ts";
import { invocationOf } from "../program/invocation.ts";
import { openProgram } from "../program/open-program.ts";
import { attend } from "./attend.ts";
import type { Call } from "./commands.ts";
import { complain, complaining } from "./complain.ts";
import { EXIT } from "./exit-codes.ts";
import { openLog } from "./log.ts";
import { narrate } from "./narrate.ts";
import { terminalAsk } from "./ollama/consent.ts";
import { pairingBlock } from "./pairing-block.ts";
import type { Settings } from "./settings.ts";
import { onStopWish } from "./stop-signals.ts";

const GRACE_MS = 10_000;

/** Runs the agent until it is stopped; the result is the exit code. */
export function run(settings: Settings, { sources }: Call): Promise<number> {
  return complaining(async () => {
    const log = await openLog(settings.logLevel);
    const program = await openProgram({
      ...invocationOf(settings, sources, process.env),
      assumeYes: settings.yes,
      attended: false,
      observe: narrate(log, pairingShown),
    });
    const { coordinator_url: coordinatorUrl } = program.status();
    if (coordinatorUrl === null) return complain(NO_URL, EXIT.usage);
    if (isExposed(coordinatorUrl)) {
      log.warn(`${coordinatorUrl} is not encrypted: whoever is on the way can read tokens and prompts`);
    }
    const control = new ControlServer({ stateDir: settings.stateDir, api: program, clock: systemClock });
    await control.start();
    onStopWish(
      () => void program.stop({ graceMs: GRACE_MS }),
      () => {
        program.endNow();
        process.exit(EXIT.aborted);
      },
      { withParent: settings.exitWithParent },
    );
    const unattend = attend(program, {
      log,
      ask: terminalAsk(process.stdin, process.stdout),
      showProgress: settings.downloadProgress,
    });
    try {
      return exitCode(await program.run(), (text) => log.info(text));
    } finally {
      unattend();
      await control.stop();
    }
  });
}

const NO_URL = "no coordinator URL: give one with --coordinator-url URL or COORDINATOR_URL";

function exitCode(end: LoopEnd, tell: (text: string) => void): number {
  switch (end.type) {
    case "stopped":
      tell("stopped");
      return EXIT.ok;
    case "logged_out":
      tell("logged out");
      return EXIT.ok;
    case "replaced":
      tell("another process of this agent took over");
      return EXIT.ok;
    case "unconfigured":
      return complain(NO_URL, EXIT.usage);
    case "not_paired":
    case "fatal":
      return complain(end.message, EXIT.needsPerson);
  }
}

/** On a terminal, where a person looks, in a block that no log level hides. True: it was shown. */
function pairingShown(code: string, dashboardUrl: string): boolean {
  if (!process.stdout.isTTY) return false;
  process.stdout.write(pairingBlock(code, dashboardUrl));
  return true;
}

function isExposed(coordinatorUrl: string): boolean {
  const { protocol, hostname } = new URL(coordinatorUrl);
  return protocol === "http:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
