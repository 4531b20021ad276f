import { z } from "zod";
import { command } from "../program/command.ts";
import { scheduleEntry } from "../program/owner-settings.ts";
import { ADDRESS_PROBLEMS } from "./address.ts";
import { LANGUAGES } from "./language.ts";
import { PAUSES } from "./pause-until.ts";

/** Everything that the settings page shows, worded already. It crosses the bridge, so the schema is the type. */
const text = z.string();

export const ICON_STATES = ["connected", "working", "paused", "trouble", "connecting"] as const;
export const iconState = z.enum(ICON_STATES);
export type IconState = z.infer<typeof iconState>;

export const TABS = ["connection", "sharing", "ollama", "general", "log"] as const;
export const tab = z.enum(TABS);
export type Tab = z.infer<typeof tab>;

/** `locked`: why the owner cannot change it here; null where that is possible. */
const field = z.object({ label: text, hint: text, locked: text.nullable() });
const toggle = field.extend({ checked: z.boolean() });
export type ToggleModel = z.infer<typeof toggle>;

const commandButton = z.object({
  label: text,
  /** One after the other, as long as they succeed. */
  commands: z.array(command).min(1),
  enabled: z.boolean(),
  look: z.enum(["primary", "plain", "danger"]),
  /** A question to ask before. */
  confirm: text.nullable(),
});
export type CommandButton = z.infer<typeof commandButton>;

const link = z.object({ label: text, url: text });

const address = field.extend({
  value: text,
  placeholder: text,
  button: text,
  paste: text,
  paste_empty: text,
  exposed: text,
  problems: z.record(z.enum(ADDRESS_PROBLEMS), text),
});
export type AddressModel = z.infer<typeof address>;

const connection = z.object({
  title: text,
  address,
  state: z.object({ headline: text, detail: text.nullable(), tone: z.enum(["good", "calm", "bad"]) }),
  pairing: z
    .object({ title: text, detail: text, label: text, code: text, copy: text, expires: text })
    .nullable(),
  actions: z.array(commandButton),
  dashboard: link.nullable(),
});

const schedule = field.extend({
  on: z.boolean(),
  entries: z.array(
    z.object({ entry: scheduleEntry, label: text, note: text.nullable(), remove_label: text }),
  ),
  day_labels: z.array(z.object({ short: text, long: text })),
  days: text,
  from: text,
  to: text,
  add: text,
  remove: text,
});
export type ScheduleModel = z.infer<typeof schedule>;

const numberField = field.extend({
  value: z.number().nullable(),
  min: z.number(),
  max: z.number(),
  placeholder: text,
  /** Said of anything else. */
  problem: text,
});
export type NumberModel = z.infer<typeof numberField>;

const sharing = z.object({
  title: text,
  state: z.object({ headline: text, detail: text.nullable(), tone: z.enum(["good", "calm"]) }),
  pause: z.object({
    label: text,
    hint: text,
    choices: z.array(z.object({ pause: z.enum(PAUSES), label: text })),
  }),
  resume: text.nullable(),
  when: text,
  mains: toggle,
  full_screen: toggle,
  gpu: toggle,
  gpu_level: numberField,
  schedule,
  much: text,
  concurrency: numberField,
  manage: toggle,
  cloud: toggle,
});

const jobModel = z.object({
  title: text,
  step: text,
  /** From 0 to 1; null: nobody knows. */
  fraction: z.number().min(0).max(1).nullable(),
  percent: text.nullable(),
  /** Size, speed and time left. */
  facts: z.array(text),
  problem: text.nullable(),
  cancel: text,
});
export type JobModel = z.infer<typeof jobModel>;

const ollama = z.object({
  title: text,
  facts: z.array(z.object({ label: text, value: text })),
  problem: text.nullable(),
  update: text.nullable(),
  actions: z.array(commandButton),
  auto_update: toggle,
  models: z.object({
    title: text,
    empty: text,
    items: z.array(z.object({ name: text, size: text.nullable(), loaded: text.nullable() })),
  }),
  add: z.object({
    label: text,
    hint: text,
    placeholder: text,
    button: text,
    empty: text,
    /** Why nothing can be added now. */
    busy: text.nullable(),
  }),
});

const general = z.object({
  title: text,
  name: field.extend({ value: text, placeholder: text, save: text }),
  auto_start: toggle,
  language: field.extend({
    value: z.enum(["", ...LANGUAGES]),
    choices: z.array(z.object({ value: z.enum(["", ...LANGUAGES]), label: text })),
  }),
  about: text,
  facts: z.array(z.object({ label: text, value: text })),
});

export const windowModel = z.object({
  language: z.enum(LANGUAGES),
  title: text,
  icon: iconState,
  headline: text,
  detail: text.nullable(),
  tabs_label: text,
  tabs: z.array(z.object({ id: tab, label: text })),
  /** Only before the first address: nothing else is shown then. */
  welcome: z.object({ title: text, intro: text, address }).nullable(),
  question: z
    .object({ kind: z.enum(["install", "start", "pull"]), title: text, detail: text, yes: text, no: text })
    .nullable(),
  failure: z.object({ title: text, detail: text }).nullable(),
  job: jobModel.nullable(),
  connection,
  sharing,
  ollama,
  general,
  log: z.object({ title: text, hint: text, empty: text, copy: text, lines: z.array(text) }),
  common: z.object({ copied: text, cancel: text, locked: text, not_done: text }),
});
export type WindowModel = z.infer<typeof windowModel>;
