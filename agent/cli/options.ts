import { z } from "zod";
import { defineOptions } from "../../shared/lib/options.ts";
import { AGENT_OPTIONS } from "../program/agent-options.ts";
import { durationMs, isTime } from "./pause-time.ts";

/** Everything that this program can be told, in the order of its help. */
export const OPTIONS = defineOptions({
  ...AGENT_OPTIONS,
  yes: {
    flag: "yes",
    short: "y",
    env: "AGENT_YES",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "answer every question with yes",
  },
  ollamaVersion: {
    flag: "ollama-version",
    config: false,
    kind: "string",
    schema: z
      .string()
      .trim()
      .regex(/^v?\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9A-Za-z.-]{1,32})?$/)
      .transform((text) => text.replace(/^v/, "")),
    allowed: "a version as 0.32.1",
    placeholder: "VERSION",
    help: "ollama install, update: this one and not the newest",
  },
  for: {
    flag: "for",
    config: false,
    kind: "string",
    schema: z.string().transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined) return ms;
      context.addIssue("not a duration");
      return z.NEVER;
    }),
    allowed: "a duration as 90m, 1h30m or 2d, at most a year",
    placeholder: "DURATION",
    help: "pause: how long",
  },
  until: {
    flag: "until",
    config: false,
    kind: "string",
    schema: z.string().refine(isTime),
    allowed: "a time as 18:00 or 2027-01-31T18:00",
    placeholder: "TIME",
    help: "pause: until when",
  },
  system: {
    flag: "system",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "service: the machine's, not the user's (Linux)",
  },
  once: {
    flag: "once",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "status: print once, on a terminal too",
  },
  json: {
    flag: "json",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "status, doctor, ollama status, service status: print JSON",
  },
  config: {
    flag: "config",
    config: false,
    kind: "string",
    schema: z.string().min(1),
    allowed: "a JSON file",
    placeholder: "FILE",
    help: "JSON file with these flags as keys in snake_case",
  },
  help: {
    flag: "help",
    short: "h",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "show this and exit",
  },
  version: {
    flag: "version",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "show the version and exit",
  },
  logLevel: {
    flag: false,
    env: "LOG_LEVEL",
    kind: "string",
    schema: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
    allowed: "trace, debug, info, warn, error, fatal or silent",
    default: "info",
    help: "what is logged",
  },
  downloadProgress: {
    flag: false,
    env: "OLLAMA_DOWNLOAD_PROGRESS",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: true,
    help: "false: a few plain lines instead of a line that moves",
  },
  exitWithParent: {
    flag: false,
    env: "AGENT_EXIT_WITH_PARENT",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "1 or 0",
    default: false,
    help: "stop when standard input ends",
  },
});
