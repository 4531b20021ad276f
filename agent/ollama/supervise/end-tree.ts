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

/** Ends a tree, after asking its root where `asked`; what is left then cannot be ended. @throws the system's error */
export async function endTree(
  deps: EndTreeDeps,
  root: number,
  { asked }: { asked: boolean },
): Promise<number[]> {
  const { tree } = deps;
  if (asked) {
    await tree.terminate(root);
    if ((await untilGone(deps, root, END.grace_ms)).length === 0) return [];
  }
  await tree.kill(root);
  return untilGone(deps, root, END.gone_ms);
}

/** Those that are still there after `ms`. */
async function untilGone({ clock, tree }: EndTreeDeps, root: number, ms: number): Promise<number[]> {
  const until = clock.now() + ms;
  for (;;) {
    const members = await tree.members(root);
    if (members.length === 0 || clock.now() >= until) return members;
    await pause(clock, END.look_ms);
  }
}
