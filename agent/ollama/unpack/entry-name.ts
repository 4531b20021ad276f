import { InstallError } from "../install-error.ts";
import { UNPACK_LIMITS } from "./limits.ts";

const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*\\]/;

/**
 * The parts of an entry's name below the directory that it is unpacked into; empty for that directory itself. What means
 * something else on Windows is refused everywhere: no release needs it, and one rule is tested.
 * @throws InstallError
 */
export function entryParts(name: string): string[] {
  const refuse = (why: string): InstallError =>
    new InstallError(
      "archive_refused",
      `the archive has the entry ${JSON.stringify(name.slice(0, 200))}, ${why}`,
    );
  if (name === "") throw refuse("which has no name");
  if (name.length > UNPACK_LIMITS.name_chars) throw refuse("whose name is too long");
  if (name.startsWith("/")) throw refuse("which is an absolute path");
  if (FORBIDDEN.test(name)) throw refuse("whose name has a character that is not allowed");
  // `tar -C dist .` writes `./` before each name, and directories end with a slash.
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (parts.length > UNPACK_LIMITS.name_depth) throw refuse("which is too deep");
  for (const part of parts) {
    if (part === "..") throw refuse("which leads out of its directory");
    if (part.length > UNPACK_LIMITS.part_chars) throw refuse("whose name is too long");
    if (/[. ]$/.test(part)) throw refuse("whose name ends with a dot or a space");
    if (RESERVED.test(part)) throw refuse("whose name is a device on Windows");
  }
  return parts;
}
