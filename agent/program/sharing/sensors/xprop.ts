import type { RunTool } from "./run-tool.ts";

/** Whether the active window of an X11 desktop fills the screen; undefined without one, or without `xprop`. */
export async function fullScreenOnX11(
  run: RunTool,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean | undefined> {
  if (env.DISPLAY === undefined || env.DISPLAY === "") return undefined;
  const root = await run("xprop", ["-root", "_NET_ACTIVE_WINDOW"]);
  if (root === undefined) return undefined;
  const id = activeWindow(root);
  if (id === undefined) return false;
  const state = await run("xprop", ["-id", id, "_NET_WM_STATE"]);
  return state === undefined ? undefined : /\b_NET_WM_STATE_FULLSCREEN\b/.test(state);
}

/** Of `xprop -root _NET_ACTIVE_WINDOW`; undefined: no window is active. */
export function activeWindow(output: string): string | undefined {
  const id = /window id # (0x[0-9a-f]+)/i.exec(output)?.[1];
  return id === undefined || /^0x0+$/.test(id) ? undefined : id;
}
