import type { AgentBridge } from "../bridge.ts";
import { app } from "./app.ts";
import { atEnd } from "./log.ts";
import { patch } from "./patch.ts";
import { PageState } from "./state.ts";

declare global {
  interface Window {
    /** Put there before the page by the preload script. */
    readonly agent: AgentBridge;
  }
}

function render(state: PageState): void {
  const root = document.body;
  const focused = document.activeElement;
  const follow = atEnd(document.getElementById("log-lines"));
  document.documentElement.lang = state.model.language;
  document.title = state.model.title;
  patch(root, app(state));
  showDialog(state.confirmation !== null);
  const log = document.getElementById("log-lines");
  if (log !== null && follow) log.scrollTop = log.scrollHeight;
  // What had the focus is gone: the next best place is the top, not nowhere.
  if (focused !== null && focused !== root && !focused.isConnected) {
    document.getElementById("heading")?.focus();
  }
}

function showDialog(wanted: boolean): void {
  const dialog = document.getElementById("dialog");
  if (!(dialog instanceof HTMLDialogElement) || dialog.open === wanted) return;
  if (wanted) dialog.showModal();
  else dialog.close();
}

async function start({ agent }: Window): Promise<void> {
  const state = new PageState(agent, await agent.window(), render);
  agent.onChanged((model) => {
    state.model = model;
    state.render();
  });
  state.render();
  // On the first day there is one thing to do.
  if (state.model.welcome !== null) document.getElementById("address")?.focus();
}

void start(window);
