import type { Clock } from "../core/clock.ts";
import type { CommandResult } from "../program/command.ts";
import { type SharingRules, sharingRules } from "../program/owner-settings.ts";
import type { ProgramApi } from "../program/program-api.ts";
import { readAddress } from "./address.ts";
import { type Handlers, type MainIpc, type SettingsChange, sendEvent, serveRequests } from "./ipc.ts";
import { mayOpen } from "./open-external.ts";
import { pauseUntil } from "./pause-until.ts";
import type { WindowModel } from "./window-model.ts";

export interface WindowDeps {
  program: ProgramApi;
  describe(): WindowModel;
  /** Sends the system's browser somewhere that is known to be harmless. */
  openExternal(url: string): Promise<void>;
  clipboard: { read(): Promise<string>; write(text: string): Promise<void> };
  clock: Clock;
  /** Local wall clock. */
  today(): Date;
}

/** How often what counts down, and the log, is shown anew. */
const TICK_MS = 1_000;
const DONE: CommandResult = { ok: true };

/** Serves one settings window and keeps it up to date until the function returned is called. */
export function serveWindow(ipc: MainIpc, deps: WindowDeps): () => void {
  const { program, clock } = deps;
  let shown = "";
  const push = (): void => {
    const model = deps.describe();
    const now = JSON.stringify(model);
    if (now === shown) return;
    shown = now;
    sendEvent(ipc, "changed", model);
  };
  // The page shows what it did before it hears that it is done: no switch jumps back for a moment.
  const shownFirst = async (work: Promise<CommandResult>): Promise<CommandResult> => {
    const result = await work;
    push();
    return result;
  };
  // One after the other: each is completed with what the one before it has set.
  let changes: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = changes.then(work);
    changes = result.catch(() => {}); // Whoever asked for it hears of it; the next one is not concerned.
    return result;
  };
  const handlers: Handlers = {
    window: () => deps.describe(),
    perform: (command) => shownFirst(program.perform(command)),
    pause: (pause) =>
      shownFirst(
        program.perform({ type: "pause", until: pauseUntil(pause, deps.today())?.toISOString() ?? null }),
      ),
    change: (change) =>
      inTurn(() => shownFirst(program.perform({ type: "configure", settings: completed(program, change) }))),
    open: async (url) => {
      if (!mayOpen(url, program.status().coordinator_url)) {
        return {
          ok: false,
          error: `${url} is not opened: it is neither https nor this coordinator's dashboard`,
        };
      }
      await deps.openExternal(url);
      return DONE;
    },
    copy: async (text) => {
      await deps.clipboard.write(text);
      return DONE;
    },
    paste: async () => {
      const text = (await deps.clipboard.read()).trim();
      return readAddress(text).ok ? text : "";
    },
  };
  const stopServing = serveRequests(ipc, handlers);
  const unsubscribe = program.subscribe(push);
  let stopTicking = clock.after(TICK_MS, function tick() {
    stopTicking = clock.after(TICK_MS, tick);
    push();
  });
  return () => {
    stopTicking();
    unsubscribe();
    stopServing();
  };
}

/** Rules are stored as one: those that the change leaves out stay as they are at this moment. */
function completed(program: ProgramApi, { sharing, ...rest }: SettingsChange) {
  if (sharing === undefined) return rest;
  const named = Object.entries(sharing).filter(([, value]) => value !== undefined);
  const rules: SharingRules = sharingRules.parse({
    ...program.settings().settings.sharing,
    ...Object.fromEntries(named),
  });
  return { ...rest, sharing: rules };
}
