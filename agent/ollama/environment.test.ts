import { expect, test } from "vitest";
import { readInstallSettings } from "./environment.ts";

test("without any variable the defaults are those of FR-016", () => {
  expect(readInstallSettings({ OLLAMA_CHECKSUM: "", PATH: "/bin" })).toEqual({
    releasesUrl: new URL("https://api.github.com/repos/ollama/ollama/releases"),
    showProgress: true,
    maxRetries: 5,
    maxBackoffSecs: 60,
    checksum: undefined,
    skipVerification: false,
  });
});

test("every variable is read", () => {
  const checksum = "AB".repeat(32);
  expect(
    readInstallSettings({
      OLLAMA_RELEASES_URL: "http://mirror.example/ollama/",
      OLLAMA_DOWNLOAD_PROGRESS: "false",
      OLLAMA_DOWNLOAD_MAX_RETRIES: "8",
      OLLAMA_DOWNLOAD_MAX_BACKOFF_SECS: "120",
      OLLAMA_CHECKSUM: `sha256:${checksum}`,
      OLLAMA_SKIP_CHECKSUM_VERIFICATION: "1",
    }),
  ).toEqual({
    releasesUrl: new URL("http://mirror.example/ollama/"),
    showProgress: false,
    maxRetries: 8,
    maxBackoffSecs: 120,
    checksum: checksum.toLowerCase(),
    skipVerification: true,
  });
});

test.each([
  ["OLLAMA_RELEASES_URL", "ftp://me:s3cret@mirror", "an http or https URL"],
  ["OLLAMA_RELEASES_URL", "mirror", "an http or https URL"],
  ["OLLAMA_DOWNLOAD_PROGRESS", "maybe", "true"],
  ["OLLAMA_DOWNLOAD_MAX_RETRIES", "-1", "a whole number from 0 to 100"],
  ["OLLAMA_DOWNLOAD_MAX_RETRIES", "101", "a whole number from 0 to 100"],
  ["OLLAMA_DOWNLOAD_MAX_BACKOFF_SECS", "0", "a whole number from 1 to 3600"],
  ["OLLAMA_CHECKSUM", "abc", "64 hex digits"],
  ["OLLAMA_SKIP_CHECKSUM_VERIFICATION", "yes please", "true"],
])("%s=%s is a clear error that does not show the value", (name, value, allowed) => {
  const read = (): unknown => readInstallSettings({ [name]: value });
  expect(read).toThrow(expect.objectContaining({ code: "bad_setting" }));
  expect(read).toThrow(name);
  expect(read).toThrow(allowed);
  expect(read).not.toThrow("s3cret");
});
