/** WebSocket subprotocol of the tunnel; a server that does not know it refuses the upgrade (TN1). */
export const SUBPROTOCOL = "ollama-tunnel.v1";

/** Wire versions that this build speaks. `hello` offers the range, `welcome` picks one (TN3). */
export const VERSION_MIN = 1;
export const VERSION_MAX = 1;

/** This program's version, as reported by `--version`, in `hello` and in `User-Agent`. */
export const PROGRAM_VERSION = "0.1.0";

/**
 * The highest version that both sides speak, or undefined when the ranges do not meet.
 */
export function pickVersion(offered: { min: number; max: number }): number | undefined {
  const version = Math.min(VERSION_MAX, offered.max);
  return version >= Math.max(VERSION_MIN, offered.min) ? version : undefined;
}
