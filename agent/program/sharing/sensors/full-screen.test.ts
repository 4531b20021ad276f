import { expect, test } from "vitest";
import type { RunTool } from "./run-tool.ts";
import { windowsFacts } from "./windows.ts";
import { fullScreenOnX11 } from "./xprop.ts";

const DISPLAY = { DISPLAY: ":0" };
const x11 =
  (root: string | undefined, state?: string): RunTool =>
  async (_command, args) =>
    args[0] === "-root" ? root : args[1] === "0x3e00007" ? state : "another window";
const ACTIVE = "_NET_ACTIVE_WINDOW(WINDOW): window id # 0x3e00007\n";

test.each<[string, RunTool, object, boolean | undefined]>([
  [
    "a full-screen window",
    x11(ACTIVE, "_NET_WM_STATE(ATOM) = _NET_WM_STATE_FOCUSED, _NET_WM_STATE_FULLSCREEN\n"),
    DISPLAY,
    true,
  ],
  ["a large one", x11(ACTIVE, "_NET_WM_STATE(ATOM) = _NET_WM_STATE_MAXIMIZED_VERT\n"), DISPLAY, false],
  ["one without a state", x11(ACTIVE, "_NET_WM_STATE:  not found.\n"), DISPLAY, false],
  ["no window", x11("_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0\n"), DISPLAY, false],
  ["a window that is gone", x11(ACTIVE), DISPLAY, undefined],
  ["no xprop", x11(undefined), DISPLAY, undefined],
  ["no desktop", x11(ACTIVE, "_NET_WM_STATE_FULLSCREEN"), {}, undefined],
])("on X11, %s", async (_, run, env, expected) => {
  expect(await fullScreenOnX11(run, { ...env })).toBe(expected);
});

test.each([
  ["1 5", { onMains: true, fullScreen: false }],
  ["0 3", { onMains: false, fullScreen: true }],
  ["255 2", { onMains: undefined, fullScreen: true }],
  ["1 0", { onMains: true, fullScreen: undefined }],
  ["Add-Type : (0)", { onMains: undefined, fullScreen: undefined }],
  [undefined, { onMains: undefined, fullScreen: undefined }],
])("of Windows, %j", (line, expected) => {
  expect(windowsFacts(line)).toEqual(expected);
});
