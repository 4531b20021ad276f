import { expect, test } from "vitest";
import { Bench, storedAgent, storedKey } from "./testing/bench.ts";

const AGENT = "00000000-0000-4000-8000-00000000000a";
const KEY = "00000000-0000-4000-8000-00000000000b";

function bench(): Bench {
  return new Bench({
    agents: [storedAgent(AGENT, { name: "tower", token_hash: "secret-hash-of-the-agent" })],
    keys: [storedKey(KEY, { name: "laptop", hash: "secret-hash-of-the-key" })],
  });
}

/** What the change that was made last is told as; every event of it together. */
async function told(on: Bench): Promise<object[]> {
  await on.brain.settle();
  return on.history.events.map(({ kind, actor, agent_id, detail }) => ({
    kind,
    actor,
    agent_id,
    detail: JSON.parse(detail),
  }));
}

const changed = (kind: string, agent_id: string | null, detail: object, actor: string | null = "ann") => ({
  kind,
  actor,
  agent_id,
  detail,
});

test.each<[string, (brain: Bench["brain"]) => Promise<unknown>, object]>([
  [
    "an agent's name and weight",
    (brain) => brain.patchAgent(AGENT, { name: "desk", weight: 2, note: "" }, "ann"),
    changed("agent_changed", AGENT, {
      name: "tower",
      before: { name: "tower", weight: 1 },
      after: { name: "desk", weight: 2 },
    }),
  ],
  [
    "draining",
    (brain) => brain.drainAgent(AGENT, true, "ann"),
    changed("agent_drained", AGENT, {
      name: "tower",
      before: { draining: false },
      after: { draining: true },
    }),
  ],
  [
    "a connection that is closed",
    (brain) => brain.disconnectAgent(AGENT, "ann"),
    changed("agent_disconnected", AGENT, { name: "tower" }),
  ],
  [
    "an agent that is removed, with all that it was",
    (brain) => brain.deleteAgent(AGENT, "ann"),
    changed("agent_removed", AGENT, expect.objectContaining({ name: "tower", weight: 1, tags: [] })),
  ],
  [
    "a key's limits",
    (brain) => brain.patchKey(KEY, { rpm: 60, models: ["llama*"] }, "ann"),
    changed("key_changed", null, {
      id: KEY,
      name: "laptop",
      before: { rpm: null, models: null },
      after: { rpm: 60, models: ["llama*"] },
    }),
  ],
  [
    "a key that is revoked, with all that it was",
    (brain) => brain.deleteKey(KEY, "ann"),
    changed("key_revoked", null, expect.objectContaining({ id: KEY, name: "laptop", prefix: "ock_abcdef" })),
  ],
  [
    "a key that is made",
    (brain) => brain.createKey({ name: "new", permissions: ["infer"], path: false }, "ann"),
    changed("key_created", null, expect.objectContaining({ name: "new", permissions: ["infer"] })),
  ],
  [
    "a join token that is made",
    (brain) => brain.createJoinToken({ name: "door", expires_in_s: 60, max_uses: 1 }, "ann"),
    changed("join_token_created", null, expect.objectContaining({ name: "door", max_uses: 1 })),
  ],
  [
    "one field of the queue",
    (brain) => brain.putSettings({ queue: { timeout_s: 9 }, strategy: "auto" }, "ann"),
    changed("settings_changed", null, {
      before: { queue: { timeout_s: 600 } },
      after: { queue: { timeout_s: 9 } },
    }),
  ],
  [
    "a placement that is new",
    (brain) => brain.putPlacement("m:latest", { replicas: 2 }, "ann"),
    changed("placement_changed", null, {
      model: "m:latest",
      before: {},
      after: { model: "m:latest", replicas: 2, agents: null, tags: null },
    }),
  ],
])("%s: who, what, before and after, and no secret", async (_, change, event) => {
  const on = bench();
  await change(on.brain);
  const events = await told(on);
  expect(events).toEqual([event]);
  expect(JSON.stringify(events)).not.toMatch(/secret-hash|oc[kj]_[\w-]{20}|"hash"|"token"/);
});

test("a placement that changes or goes says what it was", async () => {
  const on = bench();
  await on.brain.putPlacement("m:latest", { replicas: 2 }, "ann");
  await on.brain.putPlacement("m:latest", { replicas: 1 }, "bob");
  await on.brain.deletePlacement("m:latest", "cid");
  expect((await told(on)).slice(1)).toEqual([
    changed(
      "placement_changed",
      null,
      { model: "m:latest", before: { replicas: 2 }, after: { replicas: 1 } },
      "bob",
    ),
    changed("placement_removed", null, { model: "m:latest", replicas: 1, agents: null, tags: null }, "cid"),
  ]);
});

test("a join token that is deleted says what it was", async () => {
  const on = bench();
  const made = await on.brain.createJoinToken({ name: "door", expires_in_s: 60, max_uses: 3 }, "ann");
  if (!made.ok) throw new Error("no token");
  await on.brain.deleteJoinToken(made.value.id, "bob");
  expect((await told(on)).at(-1)).toEqual(
    changed("join_token_deleted", null, expect.objectContaining({ name: "door", max_uses: 3 }), "bob"),
  );
});

test("what changes nothing is no event", async () => {
  const on = bench();
  await on.brain.patchAgent(AGENT, { weight: 1 }, "ann");
  await on.brain.drainAgent(AGENT, false, "ann");
  await on.brain.patchKey(KEY, { name: "laptop" }, "ann");
  await on.brain.putSettings({ strategy: "auto" }, "ann");
  await on.brain.putPlacement("m:latest", { replicas: 1 }, "ann");
  await on.brain.putPlacement("m:latest", { replicas: 1 }, "ann");
  expect((await told(on)).length).toBe(1);
});

test("what the coordinator does by itself has nobody's name", async () => {
  const on = bench();
  await on.brain.drainAgent(AGENT, true);
  expect(await told(on)).toMatchObject([{ kind: "agent_drained", actor: null }]);
});

test("who lets a machine in, turns one away or types a wrong code is named", async () => {
  const on = bench();
  const ask = async (machine_name: string): Promise<string> => {
    const asked = await on.brain.askPairing(
      { machine_name, ip_address: "", ollama_version: "", ollama_port: 11434 },
      null,
    );
    if (!asked.ok) throw new Error("not asked");
    return asked.value.pairing_code;
  };
  await on.brain.approvePairing(await ask("in"), "ann");
  await on.brain.rejectPairing({ code: await ask("out") }, "bob");
  await on.brain.approvePairing("BCDF-0000", "cid");
  const actors = (await told(on)).map((event) => Object.values(event).slice(0, 2));
  expect(actors).toEqual(
    expect.arrayContaining([
      ["pairing_approved", "ann"],
      ["pairing_rejected", "bob"],
      ["pairing_code_unknown", "cid"],
    ]),
  );
});
