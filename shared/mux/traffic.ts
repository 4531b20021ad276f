/** What has gone one way, over any number of tunnels and sockets; for metrics. */
export interface Traffic {
  bytes: number;
  frames: number;
}
