import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { dashboardBuilt } from "../support/dashboard-build.ts";
import type { PageDocument } from "../support/in-page.ts";
import { startLoadedProcess } from "../support/load-process.ts";
import { oldSessionCookie } from "../support/session-cookie.ts";
import { percentile } from "./load.ts";
import { markdown } from "./table.ts";

declare const document: PageDocument;

const HOUR_MS = 3_600_000;
const MACHINES = 20;
/** A line at home: bytes a second, and ms there and back. */
const HOME = { bytesPerSecond: 10e6 / 8, latencyMs: 40 };

export interface DashboardResult {
  network: "this machine" | "10 Mbit/s, 40 ms";
  /** From the start of the navigation until the machines are on the screen, nothing cached, ms. */
  usable_ms: { p50: number; max: number };
  /** An answer of a few bytes from the same coordinator in the same browser, ms. */
  empty_ms: { p50: number; max: number };
  /** What the coordinator sent for it, API and feed not counted, KB. */
  transferred_kb: number;
  /** The same files, each as gzip, KB. */
  gzip_kb: number;
}

/** The overview in a browser that has never seen it, of somebody who is logged in. */
export async function measureDashboard(quick: boolean): Promise<DashboardResult[]> {
  await dashboardBuilt();
  const rounds = quick ? 3 : 10;
  const load = await startLoadedProcess({ agents: MACHINES, requestsPerSecond: 5 });
  const browser = await launchBrowser();
  try {
    const results: DashboardResult[] = [];
    for (const network of ["this machine", "10 Mbit/s, 40 ms"] as const) {
      const usable: number[] = [];
      const empty: number[] = [];
      let files = { transferred: 0, gzip: 0 };
      // The first of each is the browser's own warming up.
      for (let round = 0; round <= rounds; round++) {
        const slow = network !== "this machine";
        const none = await visit(browser, load, "/healthz", slow, "body");
        const page = await visit(browser, load, "/dashboard", slow, ".tile");
        if (round === 0) continue;
        empty.push(none.ms);
        usable.push(page.ms);
        files = page.files;
      }
      results.push({
        network,
        usable_ms: { p50: percentile(usable, 0.5), max: Math.max(...usable) },
        empty_ms: { p50: percentile(empty, 0.5), max: Math.max(...empty) },
        transferred_kb: files.transferred / 1_024,
        gzip_kb: files.gzip / 1_024,
      });
    }
    return results;
  } finally {
    await browser.close();
    await load.stop();
  }
}

interface Visit {
  ms: number;
  files: { transferred: number; gzip: number };
}

async function visit(
  browser: Browser,
  host: { url: string; adminToken: string },
  path: string,
  slow: boolean,
  selector: string,
): Promise<Visit> {
  const context = await browser.newContext();
  try {
    await context.addCookies([await oldSessionCookie(host, HOUR_MS)]);
    return await visitIn(context, host.url + path, slow, selector);
  } finally {
    await context.close();
  }
}

async function visitIn(
  context: BrowserContext,
  url: string,
  slow: boolean,
  selector: string,
): Promise<Visit> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  if (slow) {
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: HOME.latencyMs,
      downloadThroughput: HOME.bytesPerSecond,
      uploadThroughput: HOME.bytesPerSecond,
    });
  }
  const sizes: Promise<{ transferred: number; gzip: number }>[] = [];
  page.on("requestfinished", (request) => {
    if (!new URL(request.url()).pathname.startsWith("/dashboard")) return;
    const measure = async (): Promise<{ transferred: number; gzip: number }> => {
      const [size, response] = await Promise.all([request.sizes(), request.response()]);
      return {
        transferred: size.responseBodySize,
        gzip: gzipSync((await response?.body()) ?? "").byteLength,
      };
    };
    sizes.push(measure());
  });
  await page.goto(url, { waitUntil: "commit" });
  const ms = await page.evaluate(async (wanted) => {
    while (document.querySelector(wanted) === null) await new Promise(requestAnimationFrame);
    // In the document now, on the screen with the next frame. The page's clock began with the navigation.
    await new Promise(requestAnimationFrame);
    return performance.now();
  }, selector);
  const files = await Promise.all(sizes);
  const sum = (of: "transferred" | "gzip"): number => files.reduce((all, one) => all + one[of], 0);
  return { ms, files: { transferred: sum("transferred"), gzip: sum("gzip") } };
}

export function dashboardTable(results: readonly DashboardResult[]): string {
  const ms = ({ p50, max }: { p50: number; max: number }): string =>
    `${p50.toFixed(0)} ms (${max.toFixed(0)} ms)`;
  const table = markdown([
    [
      `the overview of ${MACHINES} machines, nothing cached`,
      "usable, p50 (max)",
      "an empty answer, p50 (max)",
      "times as long",
      "sent",
      "as gzip",
    ],
    ...results.map((each) => [
      each.network,
      ms(each.usable_ms),
      ms(each.empty_ms),
      (each.usable_ms.p50 / each.empty_ms.p50).toFixed(1),
      `${each.transferred_kb.toFixed(0)} KB`,
      `${each.gzip_kb.toFixed(0)} KB`,
    ]),
  ]);
  return `${table}\n`;
}
