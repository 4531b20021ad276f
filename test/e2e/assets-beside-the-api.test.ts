import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HEADERS } from "../../scripts/build/dashboard.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startPlantedWorker } from "../support/hosts/planted-worker.ts";

const PLANTED = "a file that stands where the API is";
/** Paths of the API, the status without a token, and what the answer says. */
const API: [path: string, statuses: number[], says: RegExp][] = [
  ["/api/tags", [401], /a key is required/],
  ["/api/version", [401], /a key is required/],
  ["/api/agents", [401, 503], /ADMIN_TOKEN/],
  ["/api/admin/keys", [401, 503], /ADMIN_TOKEN/],
  ["/api/nothing", [404], /404 page not found/],
  ["/v1/models", [401], /a key is required/],
  ["/v1/nothing", [404], /404 page not found/],
  ["/ws/agent", [426], /WebSocket of agents/],
  ["/k/x/api/tags", [401], /the key is not known/],
  ["/k/x/v1/models", [401], /the key is not known/],
  ["/metrics", [401, 503], /ADMIN_TOKEN/],
  ["/healthz", [200], /"status":"ok"/],
  ["/openapi.json", [200], /"openapi":"3\.1\.0"/],
];

interface Served {
  url: string;
  stop(): Promise<void>;
}

/** As a browser asks for a page: that is when a server of static files likes to answer with one. */
const navigate = (url: string): Promise<Response> =>
  fetch(url, {
    headers: { accept: "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    redirect: "manual",
  });

describe.each<[string, () => Promise<Served>]>([
  ["node", startNodeHost],
  [
    "workerd",
    () =>
      startPlantedWorker({
        ...Object.fromEntries(API.map(([path]) => [`${path.slice(1)}`, PLANTED])),
        "index.html": PLANTED,
        "docs.html": PLANTED,
        "docs/index.html": PLANTED,
        "404.html": PLANTED,
        "dashboard/index.html": "<html>the dashboard",
        "dashboard/docs/index.html": "<html>the description",
        "dashboard/assets/main-1234.js": "export {}",
        _headers: HEADERS,
      }),
  ],
])("with static files in place, on %s", (name, start) => {
  let host: Served;
  beforeAll(async () => {
    host = await start();
  });
  afterAll(() => host?.stop());

  test.each(API)("%s is answered by the API", async (path, statuses, says) => {
    const response = await navigate(host.url + path);
    const text = await response.text();
    expect(statuses, text).toContain(response.status);
    expect(text).toMatch(says);
    expect(text).not.toContain(PLANTED);
  });

  test("a client at / is told that Ollama is running, and a browser is sent to the dashboard", async () => {
    expect(await (await fetch(host.url)).text()).toBe("Ollama is running");
    const response = await navigate(host.url);
    expect([response.status, response.headers.get("location")]).toEqual([302, "/dashboard"]);
  });

  test.each(["/dashboard", "/dashboard/machines/x", "/docs"])(
    "%s is a page with its policy",
    async (path) => {
      const response = await navigate(host.url + path);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(await response.text()).not.toContain(PLANTED);
      // On Node the web app need not be built for this.
      expect(name === "node" ? [200, 503] : [200]).toContain(response.status);
    },
  );

  // Else no browser that once asked too early, or between two releases, would ever ask for it again.
  test("a file of the web app that is not there is not kept by browsers as if it never came", async () => {
    const response = await navigate(`${host.url}/dashboard/assets/gone-1234.js`);
    expect(response.status).toBe(404);
    expect(response.headers.get("cache-control")).toBeNull();
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each([
    "/dashboard/index.html",
    "/dashboard/docs/index.html",
    "/dashboard/%69ndex.html",
    "/dashboard//index.html",
    "/%64ashboard/index.html",
    "//dashboard/index.html",
    "/dashboard/assets/..%2findex.html",
  ])("%s shows the page to nobody without its policy", async (path) => {
    const response = await navigate(host.url + path);
    const text = await response.text();
    const policy = response.headers.get("content-security-policy");
    expect(text.includes("<html") && policy === null, text).toBe(false);
  });

  if (name === "node") return;
  test("a file of the web app is answered without the Worker", async () => {
    const response = await fetch(`${host.url}/dashboard/assets/main-1234.js`);
    expect(await response.text()).toBe("export {}");
    expect(response.headers.get("content-security-policy")).toBeNull();
  });
});
