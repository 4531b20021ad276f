import { hostname } from "node:os";
import { z } from "zod";
import { defineOptions } from "../../shared/lib/options.ts";
import { defaultStateDir } from "./state-dir.ts";

const httpUrl = z
  .string()
  .trim()
  .refine((text) => {
    const url = URL.parse(text);
    return (
      url !== null &&
      /^https?:$/.test(url.protocol) &&
      url.hostname !== "" &&
      url.username === "" &&
      url.password === "" &&
      url.search === "" &&
      url.hash === ""
    );
  });

/** What an agent can be told at its start, whatever its face; a face that has no command line reads the environment only. */
export const AGENT_OPTIONS = defineOptions({
  coordinatorUrl: {
    flag: "coordinator-url",
    env: "COORDINATOR_URL",
    kind: "string",
    schema: httpUrl,
    allowed: "an http(s) URL without user, query or fragment",
    placeholder: "URL",
    help: "coordinator to join",
  },
  joinToken: {
    flag: "join-token",
    env: "JOIN_TOKEN",
    kind: "string",
    schema: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]{1,512}$/),
    allowed: "the join token as the coordinator showed it",
    secret: true,
    placeholder: "TOKEN",
    help: "lets this machine in, the first time; without one it shows a code for the dashboard",
  },
  ollamaUrl: {
    flag: "ollama-url",
    env: "OLLAMA_URL",
    kind: "string",
    schema: httpUrl,
    allowed: "an http(s) URL without user, query or fragment",
    default: "http://127.0.0.1:11434",
    placeholder: "URL",
    help: "the Ollama that answers",
  },
  name: {
    flag: "name",
    kind: "string",
    schema: z.string().trim().min(1).max(200),
    allowed: "1 to 200 characters",
    default: hostname().slice(0, 200) || "agent",
    placeholder: "NAME",
    help: "this machine's name",
  },
  stateDir: {
    flag: "state-dir",
    env: "AGENT_STATE_DIR",
    kind: "string",
    schema: z.string().min(1),
    allowed: "a directory",
    default: defaultStateDir(process.platform, process.env),
    placeholder: "DIR",
    help: "where this agent keeps its identity",
  },
  maxConcurrency: {
    flag: "max-concurrency",
    kind: "number",
    schema: z.number().int().min(1).max(1024),
    allowed: "a whole number from 1 to 1024",
    help: "requests at once",
  },
  allowManage: {
    flag: "allow-manage",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "let the coordinator pull, create, copy and delete models here",
  },
  allowCloud: {
    flag: "allow-cloud",
    env: "AGENT_ALLOW_CLOUD",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "let requests use ollama.com cloud models, on this machine's account",
  },
  machineId: {
    flag: false,
    env: "AGENT_MACHINE_ID",
    kind: "string",
    schema: z.string().min(1),
    allowed: "a text that no other machine has",
    help: "takes the place of the operating system's machine id",
  },
  ollamaParallel: {
    flag: false,
    env: "OLLAMA_NUM_PARALLEL",
    kind: "number",
    // Ollama reads 0 as "choose yourself", and a value that is odd to it must not stop the agent.
    schema: z.number().int().min(1).max(1024).optional().catch(undefined),
    allowed: "a whole number from 1 to 1024",
    help: "what this machine's Ollama was started with",
  },
  heartbeatSecs: {
    flag: false,
    config: "heartbeat_interval_secs",
    kind: "number",
    schema: z.number().min(1).max(3600),
    allowed: "seconds from 1 to 3600",
    help: "seconds between heartbeats, at most what the coordinator asks for",
  },
  autoStart: {
    flag: false,
    config: "auto_start",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    help: "accepted, without effect in this program",
  },
});
