import "./jitless.ts";

import type { Command, CommandResult } from "../program/command.ts";
import { onEvent, type PageIpc, request, type SettingsChange } from "./ipc.ts";
import type { Pause } from "./pause-until.ts";
import type { WindowModel } from "./window-model.ts";

/** All that the settings page can do, as `window.agent`. */
export interface AgentBridge {
  window(): Promise<WindowModel>;
  perform(command: Command): Promise<CommandResult>;
  pause(pause: Pause): Promise<CommandResult>;
  change(change: SettingsChange): Promise<CommandResult>;
  open(url: string): Promise<CommandResult>;
  copy(text: string): Promise<CommandResult>;
  paste(): Promise<string>;
  onChanged(listener: (model: WindowModel) => void): () => void;
}

export function bridgeOver(ipc: PageIpc): AgentBridge {
  return {
    window: () => request(ipc, "window", null),
    perform: (command) => request(ipc, "perform", command),
    pause: (pause) => request(ipc, "pause", pause),
    change: (change) => request(ipc, "change", change),
    open: (url) => request(ipc, "open", url),
    copy: (text) => request(ipc, "copy", text),
    paste: () => request(ipc, "paste", null),
    onChanged: (listener) => onEvent(ipc, "changed", listener),
  };
}
