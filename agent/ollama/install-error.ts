export const INSTALL_ERROR_CODES = [
  /** An environment variable has a value that it cannot have. */
  "bad_setting",
  /** The release server does not know this version, or it is not a stable one. */
  "release_not_found",
  /** The release server's answer is not one. */
  "release_invalid",
  /** The release has nothing for this machine. */
  "no_asset",
  /** Time-outs, broken connections or server errors, until the retries were used up; or a connection that cannot work. */
  "network",
  /** The server said no (4xx). */
  "http_status",
  "redirect_refused",
  /** The server offers or sends another number of bytes than the release says. */
  "wrong_size",
  "checksum_mismatch",
  "disk_full",
  /** A file or directory cannot be read or written. */
  "file_system",
  /** The archive tries to do what no release does. */
  "archive_refused",
  /** The archive cannot be read, or has no Ollama in it. */
  "archive_broken",
  /** Another install is under way on this state directory. */
  "busy",
  /** There is no such version here, or nothing to go back to. */
  "not_installed",
  "aborted",
] as const;
export type InstallErrorCode = (typeof INSTALL_ERROR_CODES)[number];

/** Why an install ended; the message is one line for a person and carries no credential. */
export class InstallError extends Error {
  override readonly name = "InstallError";
  readonly code: InstallErrorCode;

  constructor(code: InstallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the file system answered, as an InstallError; one that is one already stays as it is. */
export function fileError(cause: unknown, path: string): InstallError {
  if (cause instanceof InstallError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new InstallError("disk_full", `no space is left for ${path} (${code}): free some and try again`, {
      cause,
    });
  }
  return new InstallError("file_system", `cannot write ${path} (${code}): check its permissions`, { cause });
}

export function aborted(): InstallError {
  return new InstallError("aborted", "stopped on request; what was downloaded is kept for the next attempt");
}
