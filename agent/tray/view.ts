import type { LockedSettings, OwnerSettings } from "../program/owner-settings.ts";
import type { AgentStatus, Question } from "../program/status.ts";
import { formatFor } from "./format.ts";
import type { Language } from "./language.ts";
import { WORDS } from "./text/words.ts";
import { addressField } from "./view/address-field.ts";
import { connectionSection } from "./view/connection-section.ts";
import type { Context } from "./view/context.ts";
import { generalSection } from "./view/general-section.ts";
import { jobModel } from "./view/job.ts";
import { type MenuItem, menuOf } from "./view/menu.ts";
import { ollamaSection } from "./view/ollama-section.ts";
import { sharingSection } from "./view/sharing-section.ts";
import { type Summary, summarize } from "./view/summary.ts";
import { type IconState, TABS, type WindowModel } from "./window-model.ts";

export interface ViewInput {
  status: AgentStatus;
  settings: OwnerSettings;
  locked: LockedSettings;
  language: Language;
  /** Whether what the icon stands on is dark. */
  dark: boolean;
  appVersion: string;
  /** Oldest first. */
  log: readonly string[];
  now: Date;
  /** undefined: the machine's own. */
  timeZone?: string;
}

export interface View {
  icon: { state: IconState; dark: boolean };
  tooltip: string;
  menu: MenuItem[];
  window: WindowModel;
}

/** Windows cuts a tooltip off at 127 characters, in the middle of a word. */
const TOOLTIP_LENGTH = 127;
/** What is sent to the page each time; more is in the log file. */
const LOG_LINES = 300;

/** Everything that the tray shows, from everything that it knows. */
export function view(input: ViewInput): View {
  const { status, settings, locked, language, now } = input;
  const words = WORDS[language];
  const format = formatFor(language, input.timeZone);
  const context: Context = { status, settings, locked, language, words, format, now };
  const summary = summarize(context);
  return {
    icon: { state: summary.icon, dark: input.dark },
    tooltip: cut(
      [words.product, summary.headline, summary.detail].filter((part) => part !== null).join("\n"),
      TOOLTIP_LENGTH,
    ),
    menu: menuOf(context, summary),
    window: windowOf(context, summary, input),
  };
}

function windowOf(context: Context, summary: Summary, { appVersion, log }: ViewInput): WindowModel {
  const { status, words, language } = context;
  const { failure, job, question } = status;
  return {
    language,
    title: words.window.title,
    icon: summary.icon,
    headline: summary.headline,
    detail: summary.detail,
    tabs_label: words.window.tabs,
    tabs: TABS.map((id) => ({ id, label: words.tabs[id] })),
    welcome:
      status.connection.state === "unconfigured"
        ? {
            title: words.welcome.title,
            intro: words.welcome.intro,
            address: addressField(context, "welcome"),
          }
        : null,
    question: question === null ? null : questionModel(context, question),
    failure: failure === null ? null : { title: words.failures[failure.kind], detail: failure.message },
    job: job === null ? null : jobModel(context, job),
    connection: connectionSection(context),
    sharing: sharingSection(context),
    ollama: ollamaSection(context),
    general: generalSection(context, appVersion),
    log: {
      title: words.log.title,
      hint: words.log.hint,
      empty: words.log.empty,
      copy: words.common.copy,
      lines: log.slice(-LOG_LINES),
    },
    common: {
      copied: words.common.copied,
      cancel: words.common.cancel,
      locked: words.common.lockedBadge,
      not_done: words.common.notDone,
    },
  };
}

function questionModel({ words, format }: Context, question: Question): WindowModel["question"] {
  switch (question.kind) {
    case "install": {
      // Nobody has looked it up yet.
      const unknown = question.version === "";
      const release = unknown ? words.question.newest : words.question.version(question.version);
      const size = question.download_bytes === null ? null : format.bytes(question.download_bytes);
      return {
        kind: question.kind,
        title: words.question.installTitle,
        detail: words.question.install(release, size, question.directory),
        yes: words.question.installYes,
        no: words.question.no,
      };
    }
    case "start":
      return {
        kind: question.kind,
        title: words.question.startTitle,
        detail: words.question.start(question.version, question.binary),
        yes: words.question.startYes,
        no: words.question.no,
      };
    case "pull":
      return {
        kind: question.kind,
        title: words.question.pullTitle,
        detail: words.question.pull(question.model, format.bytes(question.download_bytes)),
        yes: words.question.pullYes,
        no: words.question.no,
      };
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
