import { z } from "zod";
import { type Command, type CommandResult, command, commandResult } from "../program/command.ts";
import { ownerSettings, sharingRules } from "../program/owner-settings.ts";
import { PAUSES, type Pause } from "./pause-until.ts";
import { type WindowModel, windowModel } from "./window-model.ts";

/** A part of the settings; of the sharing rules only those that change, so that two quick changes do not undo each other. */
export const settingsChange = ownerSettings
  .omit({ sharing: true })
  .partial()
  .extend({ sharing: sharingRules.partial().optional() });
export type SettingsChange = z.infer<typeof settingsChange>;

/** What the page may ask of the main process. */
export interface Requests {
  window: { request: null; answer: WindowModel };
  perform: { request: Command; answer: CommandResult };
  /** The main process reckons until when: the page's clock is nobody's business. */
  pause: { request: Pause; answer: CommandResult };
  change: { request: SettingsChange; answer: CommandResult };
  open: { request: string; answer: CommandResult };
  copy: { request: string; answer: CommandResult };
  /** An address from the clipboard; empty where it holds anything else, which is not the page's to see. */
  paste: { request: null; answer: string };
}

/** What the main process tells the page. */
export interface Events {
  changed: WindowModel;
}

const LONGEST_TEXT = 1_000_000;
const LONGEST_URL = 4_000;

type RequestTable = {
  [N in keyof Requests]: {
    request: z.ZodType<Requests[N]["request"]>;
    answer: z.ZodType<Requests[N]["answer"]>;
  };
};
type EventTable = { [N in keyof Events]: z.ZodType<Events[N]> };

/** Both ends check what they send and what they get against this table: neither believes the other. */
const REQUESTS: RequestTable = {
  window: { request: z.null(), answer: windowModel },
  perform: { request: command, answer: commandResult },
  pause: { request: z.enum(PAUSES), answer: commandResult },
  change: { request: settingsChange, answer: commandResult },
  open: { request: z.string().max(LONGEST_URL), answer: commandResult },
  copy: { request: z.string().max(LONGEST_TEXT), answer: commandResult },
  paste: { request: z.null(), answer: z.string() },
};
const EVENTS: EventTable = { changed: windowModel };

const PREFIX = "agent:";

/** The main process's end of a wire. */
export interface MainIpc {
  /** Answers until the function returned is called. */
  handle(channel: string, listener: (payload: unknown) => Promise<unknown>): () => void;
  send(channel: string, payload: unknown): void;
}

/** The page's end. */
export interface PageIpc {
  invoke(channel: string, payload: unknown): Promise<unknown>;
  /** Listens until the function returned is called. */
  on(channel: string, listener: (payload: unknown) => void): () => void;
}

export type Handlers = {
  [N in keyof Requests]: (
    request: Requests[N]["request"],
  ) => Promise<Requests[N]["answer"]> | Requests[N]["answer"];
};

/** Answers the page's requests until the function returned is called. A request that breaks the table is rejected. */
export function serveRequests(ipc: MainIpc, handlers: Handlers): () => void {
  const serve = <N extends keyof Requests>(name: N): (() => void) =>
    ipc.handle(PREFIX + name, async (payload) => {
      const request = REQUESTS[name].request.parse(payload);
      return REQUESTS[name].answer.parse(await handlers[name](request));
    });
  // The table has every name of Requests: its type says so, which Object.keys forgets.
  const ends = (Object.keys(REQUESTS) as (keyof Requests)[]).map((name) => serve(name));
  return () => {
    for (const end of ends) end();
  };
}

export function sendEvent<N extends keyof Events>(ipc: MainIpc, name: N, payload: Events[N]): void {
  ipc.send(PREFIX + name, EVENTS[name].parse(payload));
}

/** @throws when either side breaks the table, or the main process failed */
export async function request<N extends keyof Requests>(
  ipc: PageIpc,
  name: N,
  payload: Requests[N]["request"],
): Promise<Requests[N]["answer"]> {
  const answer = await ipc.invoke(PREFIX + name, REQUESTS[name].request.parse(payload));
  return REQUESTS[name].answer.parse(answer);
}

export function onEvent<N extends keyof Events>(
  ipc: PageIpc,
  name: N,
  listener: (payload: Events[N]) => void,
): () => void {
  return ipc.on(PREFIX + name, (payload) => listener(EVENTS[name].parse(payload)));
}
