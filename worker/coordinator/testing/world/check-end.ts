import { expect } from "vitest";
import { Edge, type Journey } from "./edge.ts";
import type { World } from "./world.ts";

/** What is left when everybody has gone and all time has passed: nothing. */
export async function checkNothingLeft(world: World): Promise<void> {
  const { brain, clock, history } = world.bench;
  expect(brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
  for (const view of await brain.listAgents()) {
    expect([view.active_requests, view.queued_requests]).toEqual([0, 0]);
  }
  for (const gauge of Object.values(brain.slotGauges())) {
    expect([gauge.in_flight, gauge.running]).toEqual([0, 0]);
    for (const each of gauge.models)
      expect([each.in_flight, each.loading, each.probing]).toEqual([0, 0, false]);
  }
  for (const gauge of Object.values(brain.limitGauge())) {
    expect(gauge).toEqual({ running: 0, held: 0, reserved: 0 });
  }
  expect(brain.gauges()).toEqual([]);
  expect([clock.timers, brain.recorder.pending, history.doubled]).toEqual([0, 0, 0]);
  const rows = new Set(history.requests.map(({ id }) => id));
  expect(rows.size).toBe(history.requests.length);
  for (const journey of world.edge.journeys) {
    if (journey.row === "perhaps") continue;
    expect([journey.number, rows.has(Edge.id(journey))]).toEqual([journey.number, journey.row === "once"]);
  }
  // No machine still works for anybody.
  expect(world.ollamas.open(world.agents)).toEqual([]);
}

/** What each client has seen is what its last machine has said, whole where it ended whole. */
export function checkAnswers(world: World): void {
  for (const journey of world.edge.journeys) {
    const client = journey.attempts.at(-1)?.client;
    if (client === undefined) throw new Error(`request ${journey.number} was never sent`);
    // Only the last attempt may have shown the client anything.
    for (const earlier of journey.attempts.slice(0, -1)) expect(earlier.client.journal).toEqual([]);
    switch (journey.over?.kind) {
      case "answered": {
        expect(client.ended).toBe(true);
        const whole = client.journal.at(-1) === "end";
        expect(client.failure === undefined).toBe(whole);
        expect(said(world, journey, client.body, whole)).toBe(true);
        break;
      }
      case "cut":
        expect(client.ended).toBe(false);
        expect(said(world, journey, client.body, false)).toBe(true);
        break;
      case "refused":
      case "given up":
        expect(client.journal).toEqual([]);
        break;
      case "gone":
        expect([client.gone, client.ended]).toEqual([true, false]);
        break;
      default:
        throw new Error(`request ${journey.number} never ended`);
    }
  }
}

function said(world: World, journey: Journey, body: string, whole: boolean): boolean {
  const path = Edge.path(journey, journey.attempts.length);
  return [...world.ollamas.answers].some(
    ([request, answer]) =>
      request.head.path === path &&
      (whole ? answer.finished && answer.text === body : answer.text.startsWith(body)),
  );
}
