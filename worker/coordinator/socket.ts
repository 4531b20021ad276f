import type { Transport } from "../../shared/mux/transport.ts";

/** What must survive hibernation with a socket: who it is, so that the next message finds its tunnel. */
export interface SocketAttachment {
  agent_id: string;
  /** Absent until HELLO has been accepted. */
  open?: { instance_id: string; machine_hash: string; connected_at: number };
}

/** An agent's WebSocket as the brain sees it. */
export interface AgentSocket extends Transport {
  /** Milliseconds since the epoch when anything, pings included, last came. */
  lastHeard(): number;
  /** Keeps the attachment with the socket, over hibernation. */
  remember(attachment: SocketAttachment): void;
}
