import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, ask } from "../support/ask.ts";
import { JSON_ANSWER } from "../support/dialects.ts";
import { startFleet } from "../support/fleet.ts";
import { makeKey, until } from "../support/hosts/host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";

const RPM = 5;
/** The platform may hold a file for a moment, ms. */
const BUSY_MS = 2_000;

/** How many requests of a key the object has written down, in whichever of the platform's files. */
function writtenDown(dir: string, keyId: string): number {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const counts = files
    .filter((file) => file.endsWith(".sqlite"))
    .map((file) => {
      const database = new DatabaseSync(join(dir, file), { readOnly: true, timeout: BUSY_MS });
      try {
        const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'key_usage'").get();
        if (known === undefined) return 0;
        const row = database.prepare("SELECT usage FROM key_usage WHERE key_id = ?").get(keyId);
        if (row === undefined) return 0;
        const { rpm } = JSON.parse(String(row.usage)) as { rpm: [number, number][] };
        return rpm.reduce((sum, [, amount]) => sum + amount, 0);
      } finally {
        database.close();
      }
    });
  return Math.max(0, ...counts);
}

test("a coordinator object that is reset knows what a key has used of its minute", async () => {
  const host = await startWorkerdHost();
  const fleet = await startFleet(async () => host, { name: "lone", ollama: { models: ["m"], tokens: 1 } });
  onTestFinished(() => fleet.stop());
  const limited = await makeKey(host, { rpm: RPM });
  const send = (key: string): Promise<Answer> =>
    ask({ url: host.url, key, path: JSON_ANSWER.path, body: JSON_ANSWER.body("m") }).answer;

  for (let number = 0; number < RPM; number++) expect((await send(limited.key)).status).toBe(200);
  await until("all are written down", () => writtenDown(host.dataDir, limited.id) === RPM);
  await host.reset();
  const sixth = await send(limited.key);
  expect([sixth.status, sixth.headers["x-coordinator-error"]]).toEqual([429, "rate_limited"]);
  expect(Number(sixth.headers["retry-after"])).toBeLessThanOrEqual(60);
  // What is refused there is the key's, not the coordinator's: others wait for its agent and are answered.
  expect((await send(fleet.key)).status).toBe(200);
});
