import { z } from "zod";
import { defineOptions } from "../../shared/lib/options.ts";

const httpUrl = z
  .string()
  .trim()
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  });

const flag = { kind: "boolean", schema: z.boolean(), allowed: "true or false", default: false } as const;

const accessOption = { flag: false, kind: "string", schema: z.string().trim().max(10_000) } as const;

/** Everything that the coordinator program can be told, in the order of its help. */
export const OPTIONS = defineOptions({
  port: {
    flag: "port",
    env: "COORDINATOR_PORT",
    kind: "number",
    schema: z.number().int().min(0).max(65_535),
    allowed: "a port, 0 to 65535 (0: any free one)",
    default: 8080,
    placeholder: "N",
    help: "port to listen on",
  },
  host: {
    flag: "host",
    env: "COORDINATOR_HOST",
    kind: "string",
    schema: z.string().trim().min(1).max(255),
    allowed: "an address or host name of this machine",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    help: "address to listen on; 0.0.0.0 for the whole network",
  },
  publicUrl: {
    flag: "public-url",
    kind: "string",
    schema: httpUrl,
    allowed: "an http(s) URL",
    placeholder: "URL",
    help: "under which clients and agents reach this coordinator; used in everything printed",
  },
  dataDir: {
    flag: "data-dir",
    env: "COORDINATOR_DATA_DIR",
    kind: "string",
    schema: z.string().min(1).max(1_024),
    allowed: "a directory",
    default: ".data",
    placeholder: "DIR",
    help: "where everything is kept",
  },
  databaseUrl: {
    flag: false,
    config: "database_url",
    kind: "string",
    schema: z.string().regex(/^sqlite:(\/\/)?.+/),
    allowed: "sqlite:DIR",
    help: "the data directory, as sqlite:DIR",
  },
  config: {
    flag: "config",
    config: false,
    kind: "string",
    schema: z.string().min(1),
    allowed: "a JSON file",
    placeholder: "FILE",
    help: "settings as JSON, keys as the flags in snake_case",
  },
  agent: { ...flag, flag: "agent", default: true, help: "start no agent for this machine's own Ollama" },
  tunnel: {
    ...flag,
    flag: "tunnel",
    help: "open a public address with an installed cloudflared (a quick tunnel)",
  },
  demo: { ...flag, flag: "demo", help: "three simulated machines with a simulated engine" },
  clientAuth: {
    flag: false,
    env: "CLIENT_AUTH",
    config: "client_auth",
    kind: "string",
    schema: z.enum(["required", "off"]),
    allowed: "required or off",
    default: "required",
    help: "off: clients need no key (trusted network only)",
  },
  corsOrigins: {
    flag: false,
    env: "CORS_ORIGINS",
    config: "cors_origins",
    kind: "string",
    schema: z.string(),
    allowed: "origins separated by commas, or *",
    help: "origins whose pages may call the client API",
  },
  adminToken: {
    flag: false,
    env: "ADMIN_TOKEN",
    config: false,
    kind: "string",
    schema: z.string().min(16).max(512),
    allowed: "at least 16 characters",
    secret: true,
    help: "the admin token, in place of the one that the first run makes",
  },
  accessTeamDomain: {
    ...accessOption,
    env: "ACCESS_TEAM_DOMAIN",
    config: "access_team_domain",
    allowed: "https://TEAM.cloudflareaccess.com",
    help: "sign in to the dashboard by Cloudflare Access of this team; with ACCESS_AUD",
  },
  accessAud: {
    ...accessOption,
    env: "ACCESS_AUD",
    config: "access_aud",
    allowed: "the audience tag of the Access application",
    help: "audience tag of the Access application in front of this coordinator",
  },
  accessAdmins: {
    ...accessOption,
    env: "ACCESS_ADMINS",
    config: "access_admins",
    allowed: "emails or @domain, separated by commas, or *",
    help: "whom of those that Access lets in are admins",
  },
  accessViewers: {
    ...accessOption,
    env: "ACCESS_VIEWERS",
    config: "access_viewers",
    allowed: "emails or @domain, separated by commas, or *",
    help: "whom of those that Access lets in may look and change nothing",
  },
  logLevel: {
    flag: false,
    env: "LOG_LEVEL",
    config: "log_level",
    kind: "string",
    schema: z.enum(["trace", "debug", "info", "warn", "error", "silent"]),
    allowed: "trace, debug, info, warn, error or silent",
    default: "info",
    help: "how much is logged",
  },
  healthCheckIntervalSecs: {
    flag: false,
    config: "health_check_interval_secs",
    kind: "number",
    schema: z.number().int().min(1).max(3_600),
    allowed: "1 to 3600 seconds",
    default: 30,
    help: "accepted for older configuration files; liveness is judged continuously",
  },
  agentTimeoutSecs: {
    flag: false,
    config: "agent_timeout_secs",
    kind: "number",
    schema: z.number().int().min(1).max(3_600),
    allowed: "1 to 3600 seconds",
    default: 60,
    help: "accepted for older configuration files; a silent agent is offline within 30 s",
  },
  help: { ...flag, flag: "help", short: "h", config: false, help: "show this" },
  version: { ...flag, flag: "version", config: false, help: "show the version" },
});
