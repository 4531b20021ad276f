/** The only text messages of the tunnel (TN15): the agent says one, the coordinator's platform answers with the other. */
export const PING = "ping";
export const PONG = "pong";
