import { describe, expect, it } from "vitest";
import { plainEnv, serverEnv } from "./child-env.ts";

const PLACE = {
  platform: "linux",
  own: { home: "/state/ollama/home", models: "/state/ollama/models" },
  port: 11_500,
  allowCloud: false,
} as const;

describe("the environment of a managed Ollama", () => {
  it("has its own address, home and models, and no cloud", () => {
    const env = serverEnv(
      { HOME: "/home/u", OLLAMA_HOST: "0.0.0.0", OLLAMA_MODELS: "/big", XDG_CACHE_HOME: "/home/u/.cache" },
      PLACE,
    );
    expect(env).toEqual({
      OLLAMA_HOST: "127.0.0.1:11500",
      OLLAMA_MODELS: "/state/ollama/models",
      HOME: "/state/ollama/home",
      OLLAMA_NO_CLOUD: "1",
    });
  });

  it("keeps the user's tuning, GPU settings and proxies with their passwords", () => {
    const tuning = {
      PATH: "/usr/bin",
      OLLAMA_NUM_PARALLEL: "4",
      OLLAMA_KEEP_ALIVE: "-1",
      CUDA_VISIBLE_DEVICES: "0",
      LD_LIBRARY_PATH: "/opt/rocm/lib",
      HTTPS_PROXY: "http://user:pass@proxy:3128",
      no_proxy: "localhost",
      SSL_CERT_FILE: "/etc/ca.pem",
    };
    expect(serverEnv(tuning, PLACE)).toMatchObject(tuning);
  });

  it.each([
    "JOIN_TOKEN",
    "ADMIN_TOKEN",
    "COORDINATOR_URL",
    "AGENT_STATE_DIR",
    "OLLAMA_RELEASES_URL",
    "OLLAMA_API_KEY",
    "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "db_password",
    "NODE_OPTIONS",
    "ELECTRON_RUN_AS_NODE",
  ])("does not have %s", (name) => {
    expect(plainEnv({ [name]: "x", PATH: "/bin" })).toEqual({ PATH: "/bin" });
  });

  it("leaves home and models to the user where the program is theirs", () => {
    const env = { HOME: "/home/u", OLLAMA_MODELS: "/big", XDG_CACHE_HOME: "/home/u/.cache" };
    expect(serverEnv(env, { ...PLACE, own: undefined })).toMatchObject(env);
  });

  it("allows ollama.com only where the owner does", () => {
    expect(serverEnv({}, { ...PLACE, allowCloud: true })).not.toHaveProperty("OLLAMA_NO_CLOUD");
    expect(serverEnv({ OLLAMA_NO_CLOUD: "1" }, { ...PLACE, allowCloud: true }).OLLAMA_NO_CLOUD).toBe("1");
  });

  it("lets named origins in and never every page of the web", () => {
    const origins = (OLLAMA_ORIGINS: string) => serverEnv({ OLLAMA_ORIGINS }, PLACE).OLLAMA_ORIGINS;
    expect(origins("*")).toBeUndefined();
    expect(origins("http://*, https://*:*,*://*")).toBeUndefined();
    expect(origins("*,https://my.example,https://*.my.example,chrome-extension://*")).toBe(
      "https://my.example,https://*.my.example,chrome-extension://*",
    );
  });

  it("on Windows has one value for a name in any spelling", () => {
    const env = serverEnv(
      { UserProfile: "C:\\Users\\u", Ollama_Host: "x", Path: "C:\\bin", LocalAppData: "C:\\l" },
      { ...PLACE, platform: "win32" },
    );
    expect(env).toMatchObject({
      USERPROFILE: PLACE.own.home,
      Path: "C:\\bin",
      OLLAMA_HOST: "127.0.0.1:11500",
    });
    expect(env).not.toHaveProperty("UserProfile");
    expect(env).not.toHaveProperty("Ollama_Host");
    expect(env).not.toHaveProperty("LocalAppData");
  });
});
