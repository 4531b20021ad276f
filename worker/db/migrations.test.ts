import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "migrations");

const sqlFiles = (dir: string) => readdirSync(dir).filter((name) => name.endsWith(".sql"));

test("the Worker's list names exactly the files in migrations/, in order", () => {
  // Read as text: only the Worker's bundler can import .sql.
  const source = readFileSync(join(root, "worker/db/migrations.ts"), "utf8");
  const imported = new Map(
    [...source.matchAll(/import (\w+) from "\.\.\/\.\.\/migrations\/([^"]+)"/g)].map(([, name, file]) => [
      name,
      file,
    ]),
  );
  const listed = [...source.matchAll(/\{ name: "([^"]+)", sql: (\w+) \}/g)].map(([, file, name]) => {
    expect(imported.get(name)).toBe(file);
    return file;
  });
  expect(listed).toEqual(sqlFiles(folder).sort());
});

test("the migrations are fresh: generating them again from the schema adds nothing", async () => {
  const copy = mkdtempSync(join(tmpdir(), "migrations-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  // drizzle-kit takes a path only when it is relative.
  const out = relative(root, copy);
  const args = ["generate", "--dialect", "sqlite", "--schema", "./worker/db/schema.ts", "--out", out];
  await promisify(execFile)(process.execPath, [join(root, "node_modules/drizzle-kit/bin.cjs"), ...args], {
    cwd: root,
  });
  expect(sqlFiles(copy).sort()).toEqual(sqlFiles(folder).sort());
}, 60_000);
