import type { Agent } from "./agent.ts";

/** What is counted of a machine's places right now. */
export interface SlotGauge {
  in_flight: number;
  /** What holds the places; as many as there are. */
  running: number;
  slots: number;
  models: {
    model: string;
    in_flight: number;
    /** Requests that found it cold and have not ended. */
    loading: number;
    /** Its breaker lets nobody in since one tries it. */
    probing: boolean;
  }[];
}

export function slotGauge(agent: Agent, now: number): SlotGauge {
  return {
    in_flight: agent.inFlight,
    running: agent.running.size,
    slots: agent.slots(),
    models: [...agent.replicas].map(({ model, inFlight, loading, breaker }) => ({
      model,
      in_flight: inFlight,
      loading,
      probing: breaker.state(now) === "half_open" && !breaker.allows(now),
    })),
  };
}
