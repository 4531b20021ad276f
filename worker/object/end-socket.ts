/** Closes a hibernatable socket, and lets the platform forget whose it was. */
export function endSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    // A peer that is cut off never ends the closing: after a sleep the platform still lists its socket.
    socket.serializeAttachment(null);
    socket.close(code, reason);
  } catch {
    // Closed already, which is what was wanted.
  }
}
