import type { AgentControl } from "../../program/control/agent-control.ts";
import type { Call } from "../commands.ts";
import { complain, complaining } from "../complain.ts";
import { EXIT } from "../exit-codes.ts";
import { controlOfOllama, openControl } from "../open-control.ts";
import type { Settings } from "../settings.ts";
import { interrupted } from "../stop-signals.ts";
import { drawn, ollamaRows, workRows } from "../view/status-lines.ts";
import { type Terminal, terminalOf, wantsColour } from "../view/terminal.ts";
import { changeOllama, isChange } from "./change-ollama.ts";
import { terminalAsk } from "./consent.ts";

/** Shows or changes the Ollama that the agent looks after. */
export function ollama(settings: Settings, call: Call): Promise<number> {
  return complaining(async () => {
    const { action } = call;
    const control = isChange(action) ? await controlOfOllama(settings, call) : await openControl(settings);
    const terminal = terminalOf(process.stdout);
    try {
      if (!isChange(action)) return await ollamaStatus(control, settings, terminal);
      const end = await changeOllama(control, action, {
        version: settings.ollamaVersion,
        yes: settings.yes,
        ask: terminalAsk(process.stdin, process.stdout),
        terminal,
        isMoving: settings.downloadProgress,
        stop: interrupted,
      });
      return end.ok ? EXIT.ok : complain(end.error, end.code);
    } finally {
      await control.close();
    }
  });
}

async function ollamaStatus(control: AgentControl, settings: Settings, terminal: Terminal): Promise<number> {
  const { ollama, job, question, failure } = await control.status();
  const options = { columns: terminal.columns, colour: wantsColour(terminal, process.env) };
  const lines = [...ollamaRows({ ollama }), ...workRows({ job, question, failure })];
  process.stdout.write(
    settings.json
      ? `${JSON.stringify({ ollama, job, question, failure }, null, 2)}\n`
      : lines.map((line) => `${drawn(line, options)}\n`).join(""),
  );
  return ollama.state === "ok" ? EXIT.ok : EXIT.fatal;
}
