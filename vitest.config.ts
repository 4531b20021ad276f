import { defineConfig } from "vitest/config";
import { COMPILE_CACHE } from "./test/support/compile-cache.ts";
import { LongestFirst } from "./test/support/longest-first.ts";

const e2e = (...names: string[]): string[] => names.map((name) => `test/e2e/${name}.test.ts`);

/** Suites of whole processes that share the machine with no other. */
const ALONE = e2e("bounded-memory", "cancel", "in-time", "scheduling", "streaming");

/** Suites of whole processes that mostly wait: for a silence, a back-off, a dial, a second that has to pass. */
const WAITING = e2e("fair-queue", "limits-after-loss", "loss-*", "placement", "safe-agents", "stop");

/** What every project of whole processes has. */
const PROCESSES = {
  environment: "node",
  // Answers of the management API are compared with its description, whatever the test is about.
  setupFiles: ["./test/support/checked-answers-setup.ts"],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Suites of pages that share the machine with no other. */
const PAGES_ALONE = ["dashboard-live", "dashboard-requests", "dashboard-scale"].map(
  (name) => `test/browser/${name}.test.ts`,
);

/** What every project of pages has. */
const PAGES = {
  environment: "node",
  include: ["test/browser/**/*.test.ts"],
  globalSetup: ["./test/support/browser-ready.ts"],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Each project is an environment that its tests need; a test lives in the first one that can run it. */
export default defineConfig({
  test: {
    // Two cores, and child processes beside the workers.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    projects: [
      {
        // What both ends say to each other: no platform at all, so any would do; Node is the fastest.
        test: { name: "shared", include: ["shared/**/*.test.ts", "test/*.test.ts"], environment: "node" },
      },
      {
        // The brain and the app in plain Node with a fake clock and fake cells: their rules need no platform.
        test: {
          name: "brain",
          include: ["worker/{coordinator,forward,dialects,middleware,routes,db}/**/*.test.ts"],
          exclude: ["**/*.workerd.test.ts"],
          environment: "node",
        },
      },
      {
        // The web app's own rules, those that need no browser.
        test: { name: "dashboard", include: ["worker/dashboard/**/*.test.ts"], environment: "node" },
      },
      // What only the real platform can show: hibernation, eviction, D1.
      "./vitest.workerd.config.ts",
      {
        // The self-hosted program's parts on real Node: files, SQLite, signals.
        test: { name: "serve", include: ["worker/serve/**/*.test.ts"], environment: "node" },
      },
      {
        // The agent on real Node: sockets, files, child processes.
        test: { name: "agent", include: ["agent/**/*.test.ts"], environment: "node" },
      },
      {
        // The stand-ins and the simulator themselves: a wrong one would make every test above it wrong. And the scripts.
        test: {
          name: "support",
          include: ["{test/support,test/simulate,test/soak,scripts}/**/*.test.ts"],
          environment: "node",
        },
      },
      {
        // Whole processes against each other, on both hosts: what they answer.
        test: {
          ...PROCESSES,
          name: "e2e",
          // The first that runs; what it leaves in the cache is there for the others.
          globalSetup: ["./test/support/compile-programs.ts"],
          include: ["test/{e2e,conformance}/**/*.test.ts"],
          exclude: [...ALONE, ...WAITING],
        },
      },
      {
        // The same, after those that keep the machine busy: what these wait for comes late on a busy one.
        test: {
          ...PROCESSES,
          name: "e2e-waiting",
          include: WAITING,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The same, one file at a time: they count memory and milliseconds.
        test: { ...PROCESSES, name: "e2e-alone", include: ALONE, fileParallelism: false },
      },
      {
        // Pages in a real browser, after everything that counts seconds: a browser is a tree of processes.
        test: { ...PAGES, name: "browser", exclude: PAGES_ALONE, sequence: { groupOrder: 2 } },
      },
      {
        // The same, one file at a time: they count what the page's main thread does.
        test: { ...PAGES, name: "browser-alone", include: PAGES_ALONE, fileParallelism: false },
      },
    ],
  },
});
