import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredPairing } from "../store.ts";
import { MOST_WAITING, roomFor } from "./room.ts";

const from = (caller_address: string, at: number): StoredPairing => ({
  id: String(at),
  code_hash: "",
  secret_hash: "",
  caller_address,
  machine: { machine_name: "m", ip_address: "", ollama_version: "", ollama_port: 1 },
  created_at: at,
  expires_at: at + 600_000,
  state: "waiting",
  agent_id: null,
  fetched: false,
});

test("whatever comes, from wherever: never too many wait, nobody's last place goes, and nobody is put out by one who has more", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 200 }), (callers) => {
      const waiting: StoredPairing[] = [];
      const places = (caller: string): number =>
        waiting.filter(({ caller_address }) => caller_address === caller).length;
      for (const [at, caller] of callers.entries()) {
        const room = roomFor(waiting, caller);
        if (room.kind === "full") {
          expect(waiting.length).toBe(MOST_WAITING);
          expect(places(caller)).toBeGreaterThan(0);
          continue;
        }
        if (room.kind === "instead_of") {
          const loser = room.pairing.caller_address ?? "";
          waiting.splice(waiting.indexOf(room.pairing), 1);
          expect(places(loser)).toBeGreaterThanOrEqual(places(caller) + 1);
        }
        waiting.push(from(caller, at));
        expect(waiting.length).toBeLessThanOrEqual(MOST_WAITING);
      }
    }),
  );
});

test("who gives way is the oldest of the caller that has most", () => {
  const waiting = Array.from({ length: MOST_WAITING }, (_, at) => from(at < 5 ? "few" : "many", at));
  expect(roomFor(waiting, "new")).toMatchObject({ kind: "instead_of", pairing: { id: "5" } });
});
