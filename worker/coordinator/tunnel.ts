import { Opener } from "../../shared/mux/opener.ts";
import type { Traffic } from "../../shared/mux/traffic.ts";
import type { Defer } from "../../shared/mux/transport.ts";
import type { AgentSocket } from "./socket.ts";

/**
 * One running agent program, over all the sockets that it dials in with. Its streams live here, so that they outlive a socket.
 */
export class Tunnel {
  readonly instanceId: string;
  readonly machineHash: string;
  readonly connectedAt: number;
  readonly opener: Opener;
  /** Undefined while the agent is coming back. */
  socket: AgentSocket | undefined;

  constructor(options: {
    instanceId: string;
    machineHash: string;
    connectedAt: number;
    defer: Defer;
    window: () => number;
    random: () => number;
    sent?: Traffic;
  }) {
    this.instanceId = options.instanceId;
    this.machineHash = options.machineHash;
    this.connectedAt = options.connectedAt;
    this.opener = new Opener({
      defer: options.defer,
      window: options.window,
      sent: options.sent,
      // Random, so that ids of a life of this object that the agent remembers and we do not are not met again.
      firstId: 1 + Math.floor(options.random() * 0x7fff_ffff),
    });
  }
}
