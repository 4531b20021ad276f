/**
 * `bytes`, or a copy when they are a small view: one token kept would keep the whole message or socket buffer that it was cut
 * from alive, and so a window's worth of bytes could hold many times a window. Not `slice`: Node's Buffer returns a view.
 */
export function unpinned(bytes: Uint8Array): Uint8Array {
  return bytes.length * 4 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}
