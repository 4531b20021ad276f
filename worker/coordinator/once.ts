import type { ByteSource } from "./client-side.ts";

/** A body that is all there. */
export function once(bytes: Uint8Array): ByteSource {
  let left: Uint8Array | null = bytes.length > 0 ? bytes : null;
  return {
    read: () => {
      const next = left;
      left = null;
      return next;
    },
    cancel: () => {
      left = null;
    },
  };
}
