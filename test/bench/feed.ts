import type { FeedAck } from "../../shared/api/feed.ts";
import { Coordinator } from "../../worker/coordinator/coordinator.ts";
import type { PageSocket } from "../../worker/coordinator/feed/page.ts";
import { MemoryStore } from "../../worker/coordinator/testing/memory-store.ts";
import { nodeDeps } from "../../worker/serve/node-deps.ts";
import { startFeedLoad } from "../support/feed-load.ts";

const AGENTS = 1_000;
const REQUESTS_PER_SECOND = 200;

export interface FeedResult {
  pages: number;
  requests_per_second: number;
  /** CPU of this whole process: the simulated machines and clients, the brain, and the hub. */
  cpu_ms_per_second: number;
  /** Of that, what the pages have added. */
  hub_ms_per_second: number;
  /** To one page. */
  kb_per_second: number;
  messages_per_second: number;
  largest_diff_bytes: number;
  snapshot_bytes: number;
}

/** A page that follows: it counts, and acknowledges at most once a second. */
class CountingPage implements PageSocket {
  readonly #feed: Coordinator["feed"];
  #version = 0;
  messages = 0;
  bytes = 0;
  largest = 0;
  snapshot = 0;

  constructor(feed: Coordinator["feed"]) {
    this.#feed = feed;
  }

  send(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (text.startsWith('{"type":"snapshot"')) {
      this.snapshot = bytes;
    } else {
      this.largest = Math.max(this.largest, bytes);
      this.messages++;
      this.bytes += bytes;
    }
    this.#version = Number(/"version":(\d+)/.exec(text)?.[1]);
  }

  acknowledge(): void {
    const ack: FeedAck = { type: "ack", version: this.#version };
    this.#feed.message(this, JSON.stringify(ack));
  }

  buffered(): number {
    return 0;
  }
  close(code: number, reason: string): void {
    throw new Error(`closed with ${code}: ${reason}`);
  }
  remember(): void {}
}

/** The same load without a page, and with one, ten and fifty. */
export async function measureFeed(quick: boolean): Promise<FeedResult[]> {
  const seconds = quick ? 3 : 15;
  const history = { write: async () => {}, rollUp: async () => false, prune: async () => 0 };
  const log = { info: () => {}, warn: () => {}, error: console.error };
  const coordinator = new Coordinator(nodeDeps({ store: new MemoryStore(), history, log }));
  const load = await startFeedLoad(coordinator, {
    agents: AGENTS,
    requestsPerSecond: REQUESTS_PER_SECOND,
  });
  await pause(5_000);
  const results: FeedResult[] = [];
  for (const count of [0, 1, 10, 50]) {
    const pages = Array.from({ length: count }, () => new CountingPage(coordinator.feed));
    for (const page of pages) coordinator.feed.open(page, { token_id: null, until: null });
    const acknowledging = setInterval(() => {
      for (const page of pages) page.acknowledge();
    }, 1_000);
    await pause(1_000);
    for (const page of pages) [page.messages, page.bytes, page.largest] = [0, 0, 0];
    const [cpu, finished, start] = [process.cpuUsage(), load.finished, performance.now()];
    await pause(seconds * 1_000);
    const { user, system } = process.cpuUsage(cpu);
    const took = (performance.now() - start) / 1_000;
    clearInterval(acknowledging);
    for (const page of pages) coordinator.feed.closed(page);
    const perSecond = (user + system) / 1_000 / took;
    results.push({
      pages: count,
      requests_per_second: (load.finished - finished) / took,
      cpu_ms_per_second: perSecond,
      hub_ms_per_second: perSecond - (results[0]?.cpu_ms_per_second ?? perSecond),
      kb_per_second: (pages[0]?.bytes ?? 0) / 1_024 / took,
      messages_per_second: (pages[0]?.messages ?? 0) / took,
      largest_diff_bytes: Math.max(0, ...pages.map(({ largest }) => largest)),
      snapshot_bytes: pages[0]?.snapshot ?? 0,
    });
  }
  await load.stop();
  await coordinator.settle();
  return results;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function feedTable(results: readonly FeedResult[]): string {
  const rows = results.map((each) => {
    const ratio = each.cpu_ms_per_second / (results[0]?.cpu_ms_per_second ?? 1);
    return [
      each.pages,
      each.requests_per_second.toFixed(0),
      `${each.cpu_ms_per_second.toFixed(0)} ms (× ${ratio.toFixed(2)})`,
      `${each.hub_ms_per_second.toFixed(0)} ms`,
      `${each.kb_per_second.toFixed(0)} KB in ${each.messages_per_second.toFixed(1)}`,
      `${(each.largest_diff_bytes / 1_024).toFixed(0)} KB`,
      `${(each.snapshot_bytes / 1_024).toFixed(0)} KB`,
    ].join(" | ");
  });
  return [
    `| pages, with ${AGENTS} machines | requests/s | CPU a second | of that the feed | a second to each, messages | largest diff | snapshot |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
