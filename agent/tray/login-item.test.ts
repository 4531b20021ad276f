import { expect, test } from "vitest";
import { loginItem } from "./login-item.ts";

test("on Windows the program starts hidden, and a portable one from where its user keeps it", () => {
  const windows = { platform: "win32", packaged: true } as const;
  expect(loginItem(true, { ...windows, env: {} })).toEqual({ openAtLogin: true, args: ["--hidden"] });
  expect(loginItem(false, { ...windows, env: { PORTABLE_EXECUTABLE_FILE: "D:\\agent.exe" } })).toEqual({
    openAtLogin: false,
    args: ["--hidden"],
    path: "D:\\agent.exe",
  });
});

test("nothing is entered where it would start something else, or where there is no such list", () => {
  expect(loginItem(true, { platform: "win32", packaged: false, env: {} })).toBeNull();
  expect(loginItem(true, { platform: "linux", packaged: true, env: {} })).toBeNull();
});
