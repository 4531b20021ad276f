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
    const terminal = terminalOf(process.stdout);
    if (!isChange(action)) return await ollamaStatus(settings, terminal);
    const stop = interrupted();
    const control = await controlOfOllama(settings, call, stop);
    try {
      const end = await changeOllama(control, action, {
        version: settings.ollamaVersion,
        yes: settings.yes,
        ask: terminalAsk(process.stdin, process.stdout),
        terminal,
        isMoving: settings.downloadProgress,
        stop,
      });
      return end.ok ? EXIT.ok : complain(end.error, end.code);
    } finally {
      await control.close();
    }
  });
}

async function ollamaStatus(settings: Settings, terminal: Terminal): Promise<number> {
  const control = await openControl(settings);
  const { ollama, job, question, failure } = await control.status().finally(() => control.close());
  const options = { columns: terminal.columns, colour: wantsColour(terminal, process.env) };
  const lines = [...ollamaRows({ ollama }), ...workRows({ job, question, failure })];
  process.stdout.write(
    settings.json
      ? `${JSON.stringify({ ollama, job, question, failure }, null, 2)}\n`
      : lines.map((line) => `${drawn(line, options)}\n`).join(""),
  );
  return ollama.state === "ok" ? EXIT.ok : EXIT.fatal;
}
