import { describe } from "vitest";
import type { HostOptions, TestHost } from "./host.ts";
import { startNodeHost } from "./node-host.ts";
import { startWorkerdHost } from "./workerd-host.ts";

type StartHost = (options?: HostOptions) => Promise<TestHost>;

const HOSTS: readonly ["node" | "workerd", StartHost][] = [
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
];

/**
 * One suite for each host, both at the same time: what is lost is noticed, waited for and dialled again, and most of that is
 * waiting. The tests of one host run one after the other.
 */
export function onBothHosts(
  title: string,
  suite: (startHost: StartHost, name: "node" | "workerd") => void,
): void {
  for (const [name, startHost] of HOSTS) {
    besideOthers(`${title}, on ${name}`, () => suite(startHost, name));
  }
}

/** A suite that runs at the same time as its neighbours of this kind; its own tests run one after the other. */
export function besideOthers(title: string, suite: () => void): void {
  describe.concurrent(title, () => {
    describe("one by one", { concurrent: false }, suite);
  });
}
