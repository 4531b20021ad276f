import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hasIdentity } from "./local-agent.ts";

function stateDir(identity: string | undefined): string {
  const dir = mkdtempSync(join(tmpdir(), "local-agent-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  if (identity !== undefined) writeFileSync(join(dir, "identity.json"), identity);
  return dir;
}

const read = (dir: string): unknown => JSON.parse(readFileSync(join(dir, "identity.json"), "utf8"));

test("this machine's agent stays who it is when the coordinator listens on another port", () => {
  const identity = { coordinator_url: "http://127.0.0.1:8080", agent_id: "a", agent_token: "t", name: "n" };
  const dir = stateDir(JSON.stringify(identity));
  expect(hasIdentity(dir, "http://127.0.0.1:9000")).toBe(true);
  expect(read(dir)).toEqual({ ...identity, coordinator_url: "http://127.0.0.1:9000" });
});

test("a machine without an identity needs a join token, and a damaged one is left for the agent to name", () => {
  expect(hasIdentity(stateDir(undefined), "http://127.0.0.1:8080")).toBe(false);
  const damaged = stateDir("{");
  expect(hasIdentity(damaged, "http://127.0.0.1:8080")).toBe(true);
  expect(readFileSync(join(damaged, "identity.json"), "utf8")).toBe("{");
});
