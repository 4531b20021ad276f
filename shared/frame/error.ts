/** A message that breaks a rule of the wire. The socket is closed with `protocol_error` and this text. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}
