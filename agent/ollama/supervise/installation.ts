import { posix, win32 } from "node:path";

/**
 * Whether `executable` is the program `binary` or one that it starts: those lie in `lib/ollama`, beside its directory on Linux and
 * in it on Windows, and next to itself on macOS. Both paths without links.
 */
export function belongsTo(binary: string, executable: string | undefined): boolean {
  if (executable === undefined) return false;
  const windows = !posix.isAbsolute(binary);
  const { dirname, join, sep } = windows ? win32 : posix;
  const same = (path: string): string => (windows ? path.toLowerCase() : path);
  const dir = dirname(binary);
  const programs = windows ? ["llama-server.exe", "llama-quantize.exe"] : ["llama-server", "llama-quantize"];
  const libraries = [join(dir, "..", "lib", "ollama"), join(dir, "lib", "ollama")];
  return (
    [binary, ...programs.map((name) => join(dir, name))].some((path) => same(path) === same(executable)) ||
    libraries.some((path) => same(executable).startsWith(same(path) + sep))
  );
}
