import { sql } from "drizzle-orm";
import { customType, index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { PRIORITIES, permission } from "../../shared/api/keys.ts";
import { registerRequest } from "../../shared/api/register.ts";
import { attemptView } from "../../shared/api/requests.ts";
import { ROLES } from "../../shared/api/session.ts";

/*
 * One schema for two databases: the coordinator's own (the object's SQLite, or the data directory) and the history
 * (D1, or the same data directory). Every table exists in both, so that there is one set of migrations; each
 * database uses its own tables. Times are milliseconds since the epoch; names of columns are those of the API.
 */

// What the coordinator knows of itself: `SqlStore`.

/** A JSON value in a text column, checked when it is read: what is in a file is input like any other. */
const json = <T>(schema: z.ZodType<T>) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => "text",
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (text) => schema.parse(JSON.parse(text)),
  })();

const texts = z.array(z.string());

export const agents = sqliteTable("agents", {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  token_hash: text().notNull().unique(),
  machine_name: text().notNull(),
  ip_address: text().notNull(),
  os: text(),
  agent_version: text(),
  ollama_version: text(),
  ollama_port: integer().notNull(),
  registered_at: integer().notNull(),
  draining: integer({ mode: "boolean" }).notNull(),
  max_concurrency: integer(),
  weight: real().notNull(),
  tags: json(texts).notNull(),
  note: text().notNull(),
});

/** Apart from `agents`, because it is written every second and its loss costs nothing. */
export const agentRuntimes = sqliteTable("agent_runtimes", {
  agent_id: text().primaryKey(),
  online: integer({ mode: "boolean" }).notNull(),
  last_seen: integer().notNull(),
  turn: integer().notNull(),
  total_requests: integer().notNull(),
  failed_requests: integer().notNull(),
  /** JSON; the brain reads it */
  state: text().notNull(),
});

export const keys = sqliteTable("keys", {
  id: text().primaryKey(),
  name: text().notNull(),
  hash: text().notNull().unique(),
  prefix: text().notNull(),
  permissions: json(z.array(permission)).notNull(),
  /** null: all models */
  models: json(texts),
  path: integer({ mode: "boolean" }).notNull(),
  created_at: integer().notNull(),
  expires_at: integer(),
  last_used_at: integer(),
  rpm: integer(),
  tpm: integer(),
  tpd: integer(),
  max_concurrency: integer(),
  priority: text({ enum: PRIORITIES }).notNull().default("normal"),
  weight: real().notNull().default(1),
});

/** What keys have used of their limits. Apart from `keys`, because it is written every second. */
export const keyUsage = sqliteTable("key_usage", {
  key_id: text().primaryKey(),
  /** JSON; the brain reads it */
  usage: text().notNull(),
});

/** On how many machines a model is to be kept. */
export const placements = sqliteTable("placements", {
  /** As the operator wrote it. */
  model: text().primaryKey(),
  replicas: integer().notNull(),
  /** Ids of the machines that may have it; null: all */
  agents: json(texts),
  /** Tags of which a machine must have one; null: any */
  tags: json(texts),
});

export const joinTokens = sqliteTable("join_tokens", {
  id: text().primaryKey(),
  name: text().notNull(),
  hash: text().notNull().unique(),
  prefix: text().notNull(),
  created_at: integer().notNull(),
  expires_at: integer().notNull(),
  max_uses: integer().notNull(),
  uses: integer().notNull(),
});

/** Further tokens for the management API, beside the one of the environment. */
export const accessTokens = sqliteTable("access_tokens", {
  id: text().primaryKey(),
  name: text().notNull(),
  role: text({ enum: ROLES }).notNull(),
  hash: text().notNull().unique(),
  prefix: text().notNull(),
  created_at: integer().notNull(),
  expires_at: integer(),
});

/** Machines that have asked to be let in; an hour after the end a row goes. */
export const pairings = sqliteTable("pairings", {
  id: text().primaryKey(),
  code_hash: text().notNull(),
  secret_hash: text().notNull().unique(),
  caller_address: text(),
  machine: json(registerRequest).notNull(),
  created_at: integer().notNull(),
  expires_at: integer().notNull(),
  state: text({ enum: ["waiting", "approved", "rejected"] }).notNull(),
  agent_id: text(),
  fetched: integer({ mode: "boolean" }).notNull(),
});

/** One row per top-level setting that an operator has changed. */
export const settings = sqliteTable("settings", {
  name: text().primaryKey(),
  /** JSON */
  value: text().notNull(),
});

export const outbox = sqliteTable("outbox", {
  /** Order of arrival; a row that is put again keeps its place. */
  seq: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull().unique(),
  table: text({ enum: ["requests", "events", "samples"] }).notNull(),
  row: text().notNull(),
  refusals: integer().notNull(),
});

// The long memory: `SqlHistory`.

/*
 * D1 bills an index entry as another row written, a thousand times the price of a row read, so an index has to earn it:
 * - `at`: newest first, a span of time, pruning.
 * - `model`, `agent`, `key`: one of many values, whose rows may lie far apart.
 * - `errors`: seldom, so it costs next to nothing, and it is what one looks for.
 * Each goes on with (at, id), the order of the list and of its cursor, so that no page is ever sorted; and then with whatever
 * else can be asked for: a column more in an entry costs nothing, and a filter that matches seldom is checked in the index
 * alone. Without that, each row that does not match is fetched from the table: 100,000 of them take 100 ms and more.
 */
export const requests = sqliteTable(
  "requests",
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    endpoint: text().notNull(),
    model: text(),
    key_id: text(),
    key_name: text(),
    agent_id: text(),
    agent_name: text(),
    status: integer().notNull(),
    error_code: text(),
    attempts: integer().notNull(),
    reason: text(),
    queue_ms: real().notNull(),
    first_byte_ms: real(),
    duration_ms: real().notNull(),
    prompt_tokens: integer(),
    completion_tokens: integer(),
    load_ms: real(),
    prompt_ms: real(),
    eval_ms: real(),
    request_bytes: integer().notNull(),
    response_bytes: integer().notNull(),
    tries: json(z.array(attemptView)),
  },
  (table) => [
    index("requests_at").on(table.at, table.id, table.status, table.endpoint),
    index("requests_model").on(
      table.model,
      table.at,
      table.id,
      table.status,
      table.endpoint,
      table.agent_id,
      table.key_id,
    ),
    index("requests_agent").on(
      table.agent_id,
      table.at,
      table.id,
      table.status,
      table.endpoint,
      table.key_id,
      table.model,
    ),
    index("requests_key").on(
      table.key_id,
      table.at,
      table.id,
      table.status,
      table.endpoint,
      table.agent_id,
      table.model,
    ),
    index("requests_errors")
      .on(table.at, table.id, table.status, table.endpoint, table.model, table.agent_id, table.key_id)
      .where(sql`status >= 400`),
  ],
);

export const events = sqliteTable(
  "events",
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    kind: text().notNull(),
    actor: text(),
    agent_id: text(),
    /** JSON */
    detail: text().notNull(),
  },
  // Few rows beside the requests: one index is enough, as long as the filters are checked in it.
  (table) => [index("events_at").on(table.at, table.id, table.kind, table.agent_id, table.actor)],
);

/*
 * Sums over requests, which outlive them. WITHOUT ROWID, by hand in the migration, since drizzle does not know it: a table
 * with a row's number of its own would be billed twice for each row.
 */
export const rollups = sqliteTable(
  "rollups",
  {
    /** Of the span that is summed, ms: a minute, an hour or a day. */
    size: integer().notNull(),
    /** What the sums are of: `all`, `model`, `agent`, `key`, or a pair such as `model_agent`. */
    scope: text().notNull(),
    /** Beginning of the span. */
    start: integer().notNull(),
    /** Which one; of a pair the first. Empty: of none that is known. */
    a: text().notNull(),
    /** Of a pair the second. */
    b: text().notNull(),
    a_name: text(),
    b_name: text(),
    requests: integer().notNull(),
    errors: integer().notNull(),
    cancelled: integer().notNull(),
    prompt_tokens: integer().notNull(),
    completion_tokens: integer().notNull(),
    /** Completion tokens of which it is known how long they took, and how long that was. */
    timed_tokens: integer().notNull(),
    timed_ms: integer().notNull(),
    /** JSON, `Tally` reads it: most buckets are empty, and sixty columns for each of three measures are too many for D1. */
    histograms: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.size, table.scope, table.start, table.a, table.b] })],
);

/** How far requests are summed up: one row. */
export const rollupState = sqliteTable("rollup_state", {
  one: integer().primaryKey(),
  /**
   * Id of the request that was summed up last; those written after it are not. Not its rowid, which a VACUUM or an import
   * gives anew. It is never pruned: then every later row has a higher rowid.
   */
  anchor: text().notNull(),
});

/** What a machine was doing, for charts. WITHOUT ROWID, too. */
export const samples = sqliteTable(
  "samples",
  {
    agent_id: text().notNull(),
    at: integer().notNull(),
    cpu_usage: real(),
    memory_usage: real(),
    /** Mean over its GPUs. */
    gpu_usage: real(),
    active_requests: integer().notNull(),
    tokens_per_second: real(),
  },
  (table) => [primaryKey({ columns: [table.agent_id, table.at] })],
);
