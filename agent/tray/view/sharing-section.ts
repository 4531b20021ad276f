import type { OwnerSettings, ScheduleEntry, SharingRules } from "../../program/owner-settings.ts";
import { PAUSES } from "../pause-until.ts";
import type { NumberModel, ScheduleModel, ToggleModel, WindowModel } from "../window-model.ts";
import { type Context, lockedBecause } from "./context.ts";
import { isPaused } from "./menu.ts";
import { untilWhen } from "./summary.ts";

type Section = WindowModel["sharing"];
type OnOff = { [K in keyof SharingRules]: SharingRules[K] extends boolean ? K : never }[keyof SharingRules];

const DAYS = [0, 1, 2, 3, 4, 5, 6];

export function sharingSection(context: Context): Section {
  const { words, status, settings } = context;
  const shares = status.sharing.state === "sharing";
  return {
    title: words.sharing.title,
    state: {
      headline:
        status.sharing.state === "sharing" ? words.state.sharing : words.yields[status.sharing.reason],
      detail: untilWhen(context),
      tone: shares ? "good" : "calm",
    },
    pause: {
      label: words.sharing.pause,
      hint: words.sharing.pauseHint,
      choices: PAUSES.map((pause) => ({ pause, label: words.sharing[pause] })),
    },
    resume: isPaused(context) ? words.sharing.resume : null,
    when: words.sharing.when,
    mains: rule(context, "mains_only", words.sharing.mains, words.sharing.mainsHint),
    full_screen: rule(
      context,
      "yield_to_full_screen",
      words.sharing.fullScreen,
      words.sharing.fullScreenHint,
    ),
    gpu: {
      label: words.sharing.gpu,
      hint: words.sharing.gpuHint,
      locked: lockedBecause(context, "sharing"),
      checked: settings.sharing.gpu_threshold !== null,
    },
    gpu_level: gpuLevel(context),
    schedule: scheduleOf(context),
    much: words.sharing.much,
    concurrency: concurrencyOf(context),
    manage: setting(context, "allow_manage", words.sharing.manage, words.sharing.manageHint),
    cloud: setting(context, "allow_cloud", words.sharing.cloud, words.sharing.cloudHint),
  };
}

function rule(context: Context, name: OnOff, label: string, hint: string): ToggleModel {
  return { label, hint, locked: lockedBecause(context, "sharing"), checked: context.settings.sharing[name] };
}

export function setting(
  context: Context,
  name: { [K in keyof OwnerSettings]: OwnerSettings[K] extends boolean ? K : never }[keyof OwnerSettings],
  label: string,
  hint: string,
): ToggleModel {
  return { label, hint, locked: lockedBecause(context, name), checked: context.settings[name] };
}

function gpuLevel(context: Context): NumberModel {
  const { words, settings, format } = context;
  return {
    label: words.sharing.gpuLevel,
    hint: "",
    locked: lockedBecause(context, "sharing"),
    value: settings.sharing.gpu_threshold,
    min: 1,
    max: 100,
    placeholder: "",
    problem: words.common.range(format.count(1), format.count(100)),
  };
}

function concurrencyOf(context: Context): NumberModel {
  const { words, settings, format } = context;
  return {
    label: words.sharing.concurrency,
    hint: words.sharing.concurrencyHint,
    locked: lockedBecause(context, "max_concurrency"),
    value: settings.max_concurrency,
    min: 1,
    max: 1_024,
    placeholder: words.sharing.concurrencyAuto,
    problem: words.common.range(format.count(1), format.count(1_024)),
  };
}

function scheduleOf(context: Context): ScheduleModel {
  const { words, format, settings } = context;
  return {
    label: words.sharing.schedule,
    hint: words.sharing.scheduleHint,
    locked: lockedBecause(context, "sharing"),
    on: settings.sharing.schedule.length > 0,
    entries: settings.sharing.schedule.map((entry, at) => ({
      entry,
      label: words.sharing.scheduleEntry(format.count(at + 1)),
      note: noteOf(context, entry),
      remove_label: words.sharing.scheduleRemove(format.count(at + 1)),
    })),
    day_labels: DAYS.map((day) => ({ short: format.day(day, "short"), long: format.day(day, "long") })),
    days: words.sharing.days,
    from: words.sharing.from,
    to: words.sharing.to,
    add: words.sharing.scheduleAdd,
    remove: words.common.remove,
  };
}

function noteOf({ words }: Context, { from, to }: ScheduleEntry): string | null {
  if (from === to) return words.sharing.allDay;
  return to < from ? words.sharing.overnight : null;
}
