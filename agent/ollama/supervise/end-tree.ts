import type { Clock } from "../../core/clock.ts";
import { pause } from "./pause.ts";
import type { ProcessTree } from "./processes/process-tree.ts";

export const END = {
  /** For an orderly end. */
  grace_ms: 5_000,
  /** For the system to do away with what was killed. */
  gone_ms: 3_000,
  look_ms: 50,
} as const;

export interface EndTreeDeps {
  clock: Clock;
  tree: ProcessTree;
}

/**
 * Ends a tree, after asking its root where `asked`; the result is what cannot be ended.
 * @throws the system's error
 */
export async function endTree(
  deps: EndTreeDeps,
  root: number,
  { asked }: { asked: boolean },
): Promise<number[]> {
  const { tree } = deps;
  if (asked) {
    await tree.terminate(root);
    // It ends its children first: those that are there after it will not be ended by anybody else.
    const left = await membersAfter(deps, root, END.grace_ms, (members) => members.includes(root)).catch(
      // The system does not say, as when it has no descriptors left: then it is ended in any case.
      () => [root],
    );
    if (left.length === 0) return [];
  }
  await tree.kill(root);
  return membersAfter(deps, root, END.gone_ms, (members) => members.length > 0);
}

/** Those that are still there after `ms`, or when they are no longer worth waiting for. */
async function membersAfter(
  { clock, tree }: EndTreeDeps,
  root: number,
  ms: number,
  worthIt: (members: number[]) => boolean,
): Promise<number[]> {
  const until = clock.now() + ms;
  for (;;) {
    const members = await tree.members(root);
    if (!worthIt(members) || clock.now() >= until) return members;
    await pause(clock, END.look_ms);
  }
}
