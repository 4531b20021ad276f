import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TIMES } from "./limits.ts";
import { PING, PONG } from "./liveness.ts";
import { pickVersion, SUBPROTOCOL, VERSION_MAX, VERSION_MIN } from "./version.ts";

describe("version and liveness", () => {
  test("TN1: the subprotocol is a token that a WebSocket handshake takes as it is", () => {
    expect(SUBPROTOCOL).toBe("ollama-tunnel.v1");
    expect(SUBPROTOCOL).toMatch(/^[A-Za-z0-9.-]+$/);
  });

  test("TN3: the version picked is the highest that both speak, or none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (min, max) => {
        const common: number[] = [];
        for (let version = VERSION_MIN; version <= VERSION_MAX; version++) {
          if (version >= min && version <= max) common.push(version);
        }
        expect(pickVersion({ min, max })).toBe(common.at(-1));
      }),
    );
  });

  test("TN15: the texts are ping and pong, and two pings may be missed before silence is judged", () => {
    expect([PING, PONG]).toEqual(["ping", "pong"]);
    expect(TIMES.silent_ms).toBeGreaterThan(2 * TIMES.heartbeat_ms);
  });
});
