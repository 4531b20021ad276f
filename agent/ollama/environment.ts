import { z } from "zod";
import { InstallError } from "./install-error.ts";

const DEFAULT_RELEASES_URL = "https://api.github.com/repos/ollama/ollama/releases";

const flag = z
  .enum(["true", "false", "1", "0"], "allowed: true, false")
  .transform((text) => /^(true|1)$/.test(text));
const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, `allowed: a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `allowed: a whole number from ${min} to ${max}`);

/** All that this machine's environment says about installing Ollama; nobody else has a say in it. */
const environment = z.object({
  OLLAMA_RELEASES_URL: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), "allowed: an http or https URL")
    .default(DEFAULT_RELEASES_URL),
  OLLAMA_DOWNLOAD_PROGRESS: flag.default(true),
  OLLAMA_DOWNLOAD_MAX_RETRIES: count(0, 100).default(5),
  OLLAMA_DOWNLOAD_MAX_BACKOFF_SECS: count(1, 3_600).default(60),
  OLLAMA_CHECKSUM: z
    .string()
    .regex(/^(sha256:)?[0-9a-f]{64}$/i, "allowed: the SHA-256 of the archive in 64 hex digits")
    .transform((text) => text.slice(-64).toLowerCase())
    .optional(),
  OLLAMA_SKIP_CHECKSUM_VERIFICATION: flag.default(false),
});

export interface InstallSettings {
  /** May carry a user and password for a mirror. */
  releasesUrl: URL;
  showProgress: boolean;
  maxRetries: number;
  maxBackoffSecs: number;
  /** Of the main archive, 64 lower-case hex digits. */
  checksum: string | undefined;
  skipVerification: boolean;
}

/** @throws InstallError `bad_setting` that names the variable and what is allowed, never its value: it may hold a password. */
export function readInstallSettings(env: Readonly<Record<string, string | undefined>>): InstallSettings {
  const set = Object.fromEntries(
    Object.keys(environment.shape).flatMap((name) => {
      const value = env[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InstallError("bad_setting", `${issue?.path.join(".")} has a bad value; ${issue?.message}`);
  }
  return {
    releasesUrl: new URL(parsed.data.OLLAMA_RELEASES_URL),
    showProgress: parsed.data.OLLAMA_DOWNLOAD_PROGRESS,
    maxRetries: parsed.data.OLLAMA_DOWNLOAD_MAX_RETRIES,
    maxBackoffSecs: parsed.data.OLLAMA_DOWNLOAD_MAX_BACKOFF_SECS,
    checksum: parsed.data.OLLAMA_CHECKSUM,
    skipVerification: parsed.data.OLLAMA_SKIP_CHECKSUM_VERIFICATION,
  };
}
