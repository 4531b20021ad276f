import { createHash } from "node:crypto";
import { Ollama } from "ollama";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { listAgents, makeKey } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";

const MANAGED = ["--allow-manage"];

const byAgent = (a: { agent?: string }, b: { agent?: string }): number =>
  (a.agent ?? "").localeCompare(b.agent ?? "");

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("administration of machines by the ollama client on %s", (_, startHost) => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet(
      startHost,
      { name: "attic", ollama: { models: ["tiny", "attic-only"] }, flags: MANAGED },
      { name: "cellar", ollama: { models: ["tiny", "cellar-only"] }, flags: MANAGED },
      // Its owner allows no administration: whatever goes to "all" must leave it alone.
      { name: "guest", ollama: { models: ["tiny", "guest-only"] } },
    );
  });
  afterAll(() => fleet.stop());
  beforeEach(() => {
    for (const name of ["attic", "cellar", "guest"]) fleet.machine(name).ollama.clear();
  });

  const client = (agent?: string): Ollama =>
    new Ollama({
      host: fleet.host.url,
      headers: { Authorization: `Bearer ${fleet.key}`, ...(agent === undefined ? {} : { "X-Agent": agent }) },
    });
  const modelsOf = (name: string): string[] => fleet.machine(name).ollama.models();
  /** The merged list, as it is at this moment: no waiting. */
  const listed = async (): Promise<string[]> => (await client().list()).models.map((model) => model.name);
  /** Paths of the changes that reached a machine. */
  const changes = (name: string): string[] =>
    fleet
      .machine(name)
      .ollama.seen.filter((request) => request.method !== "GET" && request.url !== "/api/show")
      .map((request) => `${request.method} ${request.url}`);

  test("pull goes to the machine that X-Agent names, and is listed when its answer ends", async () => {
    const lines = [];
    for await (const line of await client("cellar").pull({ model: "pulled-a", stream: true }))
      lines.push(line);
    expect(lines[0]).toEqual({ status: "pulling manifest" });
    expect(lines.at(-1)).toEqual({ status: "success" });
    expect(await listed()).toContain("pulled-a:latest");
    expect(modelsOf("cellar")).toContain("pulled-a:latest");
    expect(modelsOf("attic")).not.toContain("pulled-a:latest");
    const view = (await listAgents(fleet.host)).find((agent) => agent.name === "cellar");
    expect(view?.models.map((model) => model.name)).toContain("pulled-a:latest");
  });

  test("pull not streamed gives the last word only, and is listed, too", async () => {
    expect(await client("attic").pull({ model: "pulled-b" })).toEqual({ status: "success" });
    expect(await listed()).toContain("pulled-b:latest");
  });

  test("X-Agent takes an id as well as a name", async () => {
    const id = (await listAgents(fleet.host)).find((agent) => agent.name === "attic")?.id ?? "";
    await client(id).pull({ model: "pulled-by-id" });
    expect(modelsOf("attic")).toContain("pulled-by-id:latest");
  });

  test("pull to all machines: each line says whose it is, and only machines that allow it are asked", async () => {
    const lines: object[] = [];
    for await (const line of await client("*").pull({ model: "everywhere", stream: true })) lines.push(line);
    expect(lines).toContainEqual({ status: "pulling manifest", agent: "attic" });
    expect(lines).toContainEqual({ status: "pulling manifest", agent: "cellar" });
    expect(lines.at(-1)).toEqual({ status: "success" });
    expect(await listed()).toContain("everywhere:latest");
    expect(modelsOf("attic")).toContain("everywhere:latest");
    expect(modelsOf("cellar")).toContain("everywhere:latest");
    expect(changes("guest")).toEqual([]);
  });

  test("pull without X-Agent goes to one machine that lacks the model", async () => {
    await client().pull({ model: "attic-only" });
    expect(changes("cellar")).toEqual(["POST /api/pull"]);
    expect(changes("attic")).toEqual([]);
  });

  test("a pull that fails is thrown with Ollama's words, from one machine and from all", async () => {
    const words = "pull model manifest: file does not exist";
    await expect(client("attic").pull({ model: "missing" })).rejects.toThrow(words);
    const read = async (agent: string): Promise<void> => {
      for await (const _line of await client(agent).pull({ model: "missing", stream: true }));
    };
    await expect(read("attic")).rejects.toThrow(words);
    // The client stops at the first error line; all of them are there.
    await expect(read("*")).rejects.toThrow(words);
    const answer = await fetch(`${fleet.host.url}/api/pull`, {
      method: "POST",
      headers: { authorization: `Bearer ${fleet.key}`, "x-agent": "*" },
      body: JSON.stringify({ model: "missing" }),
    });
    const lines = (await answer.text()).trim().split("\n").slice(-2);
    // In the order in which the machines came.
    expect(lines.map((line) => JSON.parse(line) as object).sort(byAgent)).toEqual([
      { error: `attic: ${words}`, agent: "attic" },
      { error: `cellar: ${words}`, agent: "cellar" },
    ]);
  });

  test("a machine that fails does not stop the others, and the last line says which one it was", async () => {
    fleet
      .machine("attic")
      .ollama.misbehave(
        { kind: "status", status: 500, body: '{"error":"no space left on device"}' },
        { path: "/api/pull" },
      );
    const stream = await client("*").pull({ model: "half", stream: true });
    const read = (async () => {
      for await (const _line of stream);
    })();
    await expect(read).rejects.toThrow("attic: no space left on device");
    expect(await listed()).toContain("half:latest");
    expect(modelsOf("cellar")).toContain("half:latest");
  });

  test("copy and delete answer as Ollama does, with an empty 200, and the lists are up to date", async () => {
    expect(await client("attic").copy({ source: "tiny", destination: "copied" })).toEqual({
      status: "success",
    });
    expect(await listed()).toContain("copied:latest");
    expect(modelsOf("cellar")).not.toContain("copied:latest");
    expect(await client("attic").delete({ model: "copied" })).toEqual({ status: "success" });
    expect(await listed()).not.toContain("copied:latest");
  });

  test("copy and delete without X-Agent go to every machine that has the model", async () => {
    await client().copy({ source: "tiny", destination: "twin" });
    expect(modelsOf("attic")).toContain("twin:latest");
    expect(modelsOf("cellar")).toContain("twin:latest");
    await client().delete({ model: "twin" });
    expect(await listed()).not.toContain("twin:latest");
    await client().delete({ model: "cellar-only" });
    expect(changes("attic")).toEqual(["POST /api/copy", "DELETE /api/delete"]);
    expect(changes("guest")).toEqual([]);
  });

  test("copy and delete of all machines are one answer for all", async () => {
    await client("*").copy({ source: "tiny", destination: "starred" });
    expect(modelsOf("attic")).toContain("starred:latest");
    expect(modelsOf("cellar")).toContain("starred:latest");
    expect(await listed()).toContain("starred:latest");
    await client("*").delete({ model: "starred" });
    expect(await listed()).not.toContain("starred:latest");
  });

  test("what no machine has is Ollama's own 404", async () => {
    await expect(client().delete({ model: "nope" })).rejects.toMatchObject({
      status_code: 404,
      error: "model 'nope' not found",
    });
    await expect(client().copy({ source: "nope", destination: "x" })).rejects.toMatchObject({
      status_code: 404,
      error: 'model "nope" not found',
    });
  });

  test("create makes a model of another, and it is listed when the answer ends", async () => {
    const lines = [];
    for await (const line of await client("cellar").create({ model: "made", from: "tiny", stream: true })) {
      lines.push(line.status);
    }
    expect(lines.at(-1)).toBe("success");
    expect(await listed()).toContain("made:latest");
    expect(modelsOf("cellar")).toContain("made:latest");
  });

  test("create on all machines makes it on all that allow it", async () => {
    const answer = await client("*").create({ model: "made-twice", from: "tiny" });
    expect(answer).toEqual({ status: "success" });
    expect(await listed()).toContain("made-twice:latest");
    expect(modelsOf("attic")).toContain("made-twice:latest");
    expect(modelsOf("cellar")).toContain("made-twice:latest");
    expect(modelsOf("guest")).not.toContain("made-twice:latest");
  });

  test("a blob and the model made of it land on the same machine without being told which", async () => {
    const bytes = Buffer.from("weights ".repeat(1_000));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const blob = (method: string): Promise<Response> =>
      fetch(`${fleet.host.url}/api/blobs/${digest}`, {
        method,
        headers: { authorization: `Bearer ${fleet.key}` },
        ...(method === "POST" ? { body: bytes } : {}),
      });
    expect((await blob("HEAD")).status).toBe(404);
    const made = await blob("POST");
    expect([made.status, await made.text()]).toEqual([201, ""]);
    expect((await blob("HEAD")).status).toBe(200);
    expect((await blob("POST")).status).toBe(200);
    const answer = await fetch(`${fleet.host.url}/api/create`, {
      method: "POST",
      headers: { authorization: `Bearer ${fleet.key}` },
      body: JSON.stringify({ model: "of-a-blob", files: { "model.gguf": digest }, stream: false }),
    });
    expect([answer.status, await answer.json()]).toEqual([200, { status: "success" }]);
    expect(await listed()).toContain("of-a-blob:latest");
  });

  test("HEAD of a blob has the status of Ollama's answer and no body, whatever length it declares", async () => {
    // Go declares the length of the body that a GET would have had.
    fleet
      .machine("attic")
      .ollama.misbehave(
        { kind: "status", status: 404, body: '{"error":"blob not found"}' },
        { path: "/api/blobs/" },
      );
    for (const status of [404, 404]) {
      const response = await fetch(`${fleet.host.url}/api/blobs/sha256:${"1".repeat(64)}`, {
        method: "HEAD",
        headers: { authorization: `Bearer ${fleet.key}`, "x-agent": "attic" },
      });
      expect([response.status, await response.text()]).toEqual([status, ""]);
      expect(response.headers.get("x-coordinator-error")).toBeNull();
    }
    expect(changes("attic").length).toBe(2);
  });

  test("a blob whose bytes are not its digest is Ollama's own 400", async () => {
    const response = await fetch(`${fleet.host.url}/api/blobs/sha256:${"0".repeat(64)}`, {
      method: "POST",
      headers: { authorization: `Bearer ${fleet.key}`, "x-agent": "attic" },
      body: "other bytes",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: expect.stringContaining("digest mismatch") });
  });

  test("a machine whose owner does not allow it answers 403 and is not touched", async () => {
    for (const ask of [
      () => client("guest").pull({ model: "x" }),
      () => client("guest").create({ model: "x", from: "tiny" }),
      () => client("guest").copy({ source: "tiny", destination: "x" }),
      () => client("guest").delete({ model: "tiny" }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ status_code: 403 });
    }
    expect(changes("guest")).toEqual([]);
  });

  test("a machine that does not exist is a clear error", async () => {
    await expect(client("nobody").pull({ model: "x" })).rejects.toMatchObject({
      error: expect.stringContaining("nobody"),
    });
  });

  test("X-Agent pins inference, too, and the answer says so", async () => {
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${fleet.host.url}/api/generate`, {
        method: "POST",
        headers,
        body: JSON.stringify({ model: "tiny", prompt: "hi", stream: false }),
      });
    for (const agent of ["guest", "attic", "guest"]) {
      const response = await ask({ authorization: `Bearer ${fleet.key}`, "x-agent": agent });
      expect(response.headers.get("x-coordinator-agent")).toBe(agent);
      expect(response.headers.get("x-coordinator-reason")).toBe("pinned");
      await response.arrayBuffer();
    }
    const { key } = await makeKey(fleet.host, { permissions: ["infer"] });
    expect((await ask({ authorization: `Bearer ${key}`, "x-agent": "attic" })).status).toBe(403);
  });

  test("a key in the path administers only when it was made for that", async () => {
    const byPath = (key: string): Ollama =>
      new Ollama({ host: `${fleet.host.url}/k/${key}`, headers: { "X-Agent": "attic" } });
    await expect(byPath(fleet.key).pull({ model: "by-path" })).rejects.toMatchObject({ status_code: 403 });
    const { key } = await makeKey(fleet.host, { path: true });
    await byPath(key).pull({ model: "by-path" });
    expect(modelsOf("attic")).toContain("by-path:latest");
  });
});
