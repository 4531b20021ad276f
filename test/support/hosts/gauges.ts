import type { Coordinator } from "../../../worker/coordinator/coordinator.ts";
import type { TestHost } from "./host.ts";

/** What one agent's multiplexer holds at the coordinator. */
export type TunnelGauge = ReturnType<Coordinator["gauges"]>[number];

/** A coordinator that also says what its multiplexers hold. */
export interface GaugedHost extends TestHost {
  gauges(): Promise<TunnelGauge[]>;
}

export async function fetchGauges(url: string): Promise<TunnelGauge[]> {
  const response = await fetch(url);
  return (await response.json()) as TunnelGauge[];
}
