import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { NodeStorage } from "../serve/sqlite/node-storage.ts";
import { migrate } from "./migrate.ts";

const BREAK = "--> statement-breakpoint";
const storageInMemory = () => new NodeStorage(new DatabaseSync(":memory:"));

function tablesOf(storage: NodeStorage): unknown[] {
  return storage
    .rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> '_migrations' ORDER BY name", [])
    .flat();
}

test("a migration is applied once", () => {
  const storage = storageInMemory();
  const first = { name: "0000", sql: `CREATE TABLE a (x);\n${BREAK}\nCREATE TABLE b (x);` };
  migrate(storage, [first]);
  migrate(storage, [first, { name: "0001", sql: "CREATE TABLE c (x)" }]);
  migrate(storage, [first, { name: "0001", sql: "CREATE TABLE c (x)" }]);
  expect(tablesOf(storage)).toEqual(["a", "b", "c"]);
});

test("a migration that fails half way leaves nothing, and can be tried again", () => {
  const storage = storageInMemory();
  const bad = { name: "0000", sql: `CREATE TABLE a (x);\n${BREAK}\nCREATE NONSENSE;` };
  expect(() => migrate(storage, [bad])).toThrow(/NONSENSE/);
  expect(tablesOf(storage)).toEqual([]);
  migrate(storage, [{ name: "0000", sql: "CREATE TABLE a (x)" }]);
  expect(tablesOf(storage)).toEqual(["a"]);
});
