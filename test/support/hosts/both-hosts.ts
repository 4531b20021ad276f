import { describe } from "vitest";
import type { TestHost } from "./host.ts";
import { startNodeHost } from "./node-host.ts";
import { startWorkerdHost } from "./workerd-host.ts";

const HOSTS: readonly ["node" | "workerd", () => Promise<TestHost>][] = [
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
];

/**
 * One suite for each host, both at the same time: what is lost is noticed, waited for and dialled again, and most of that is
 * waiting. The tests of one host run one after the other.
 */
export function onBothHosts(
  title: string,
  suite: (startHost: () => Promise<TestHost>, name: "node" | "workerd") => void,
): void {
  describe.concurrent.each(HOSTS)(`${title}, on %s`, (name, startHost) => {
    describe("one by one", { concurrent: false }, () => suite(startHost, name));
  });
}
