import init from "../../migrations/0000_init.sql";
import scheduling from "../../migrations/0001_scheduling.sql";
import pairing from "../../migrations/0002_pairing.sql";
import historyDetail from "../../migrations/0003_history_detail.sql";
import rollups from "../../migrations/0004_rollups.sql";
import type { Migration } from "./migrate.ts";

/** The object cannot read a folder, so its migrations are named here; a test compares them with the folder. */
export const migrations: readonly Migration[] = [
  { name: "0000_init.sql", sql: init },
  { name: "0001_scheduling.sql", sql: scheduling },
  { name: "0002_pairing.sql", sql: pairing },
  { name: "0003_history_detail.sql", sql: historyDetail },
  { name: "0004_rollups.sql", sql: rollups },
];
