import { expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { endTree } from "./end-tree.ts";

test("a tree that the system does not show is ended all the same", async () => {
  const journal: string[] = [];
  const clock = new FakeClock();
  const tree = {
    spawn: () => Promise.reject(new Error("not here")),
    terminate: async () => void journal.push("ask"),
    kill: async () => void journal.push("kill"),
    members: async () => {
      if (!journal.includes("kill")) throw new Error("EMFILE");
      return [];
    },
  };
  expect(await endTree({ clock, tree }, 4711, { asked: true })).toEqual([]);
  expect(journal).toEqual(["ask", "kill"]);
});
