import { describe, expect, it } from "vitest";
import { candidates, isDesktopApp, type Place } from "./candidates.ts";

const list = (place: Place): string[] => candidates(place).map(({ path, origin }) => `${origin}: ${path}`);

describe("places of an ollama program", () => {
  it("on Linux are the search path first, then where installers put it", () => {
    const place: Place = { platform: "linux", home: "/home/u", env: { PATH: "/home/u/bin:/usr/bin" } };
    expect(list(place)).toEqual([
      "path: /home/u/bin/ollama",
      "path: /usr/bin/ollama",
      "usual-place: /usr/local/bin/ollama",
      "usual-place: /opt/ollama/bin/ollama",
      "usual-place: /snap/bin/ollama",
      "usual-place: /home/u/.local/bin/ollama",
    ]);
  });

  it("on macOS include the app, for all users and for one", () => {
    expect(list({ platform: "darwin", home: "/Users/u", env: { PATH: "/usr/local/bin" } })).toEqual([
      "path: /usr/local/bin/ollama",
      "desktop-app: /Applications/Ollama.app/Contents/Resources/ollama",
      "desktop-app: /Users/u/Applications/Ollama.app/Contents/Resources/ollama",
      "usual-place: /opt/homebrew/bin/ollama",
      "usual-place: /Users/u/.local/bin/ollama",
    ]);
  });

  it("on Windows know the app in the search path as the app, however it is spelt", () => {
    const place: Place = {
      platform: "win32",
      home: "C:\\Users\\u",
      env: {
        Path: '"C:\\users\\U\\AppData\\Local\\programs\\ollama";D:\\tools',
        LOCALAPPDATA: "C:\\Users\\u\\AppData\\Local",
        PROGRAMFILES: "C:\\Program Files",
      },
    };
    expect(list(place)).toEqual([
      "desktop-app: C:\\users\\U\\AppData\\Local\\programs\\ollama\\ollama.exe",
      "path: D:\\tools\\ollama.exe",
      "usual-place: C:\\Program Files\\Ollama\\ollama.exe",
      "usual-place: C:\\Users\\u\\scoop\\shims\\ollama.exe",
    ]);
    expect(isDesktopApp(place, "C:\\Users\\u\\AppData\\Local\\Programs\\Ollama\\ollama.exe")).toBe(true);
  });

  it("on Windows are found without any variable", () => {
    expect(list({ platform: "win32", home: "C:\\Users\\u", env: {} })).toContain(
      "desktop-app: C:\\Users\\u\\AppData\\Local\\Programs\\Ollama\\ollama.exe",
    );
  });

  it("never are relative: that would be wherever the agent was started", () => {
    expect(list({ platform: "linux", home: "/h", env: { PATH: ".::bin:/opt/x" } })[0]).toBe(
      "path: /opt/x/ollama",
    );
    expect(list({ platform: "win32", home: "C:\\h", env: { PATH: ".;;C:\\x" } })[0]).toBe(
      "path: C:\\x\\ollama.exe",
    );
  });
});
