import { beforeEach, describe, expect, test } from "vitest";
import { isToken } from "../../shared/lib/token.ts";
import { Access } from "./access.ts";
import type { Caller } from "./api.ts";
import type { StoredKey } from "./store.ts";
import { fakeDeps, storedKey } from "./testing/bench.ts";

let deps: ReturnType<typeof fakeDeps>;

beforeEach(() => {
  deps = fakeDeps();
});

const accessOf = (...keys: StoredKey[]): Access => new Access(deps, { keys, joinTokens: [] });
const by = (id: string, byPath = false): Caller => ({ kind: "key", key_id: id, by_path: byPath });
const code = (access: Access, ...args: Parameters<Access["check"]>): string =>
  access.check(...args)?.code ?? "allowed";

describe("who may do what", () => {
  const keys = [
    storedKey("infers", { permissions: ["infer"] }),
    storedKey("manages", { permissions: ["manage"] }),
    storedKey("paths", { path: true }),
    storedKey("heads"),
    storedKey("limited", { models: ["llama*", "qwen3:8b"] }),
    storedKey("nothing", { models: [] }),
  ];
  const admin: Caller = { kind: "admin" };
  const anonymous: Caller = { kind: "anonymous" };
  test.each<[string, Caller, "infer" | "manage", string | undefined, string]>([
    ["the admin infers", admin, "infer", "m", "allowed"],
    ["the admin manages", admin, "manage", undefined, "allowed"],
    ["anybody infers where no key is needed", anonymous, "infer", "m", "allowed"],
    ["anybody does not manage", anonymous, "manage", "m", "forbidden"],
    ["a key that is not there", by("gone"), "infer", "m", "unauthorized"],
    ["infer by a key for it", by("infers"), "infer", "m", "allowed"],
    ["manage by a key for infer", by("infers"), "manage", "m", "forbidden"],
    ["infer by a key for manage", by("manages"), "infer", "m", "forbidden"],
    ["manage by a key for it", by("manages"), "manage", "m", "allowed"],
    ["manage by a key in the path", by("heads", true), "manage", "m", "forbidden"],
    ["infer by a key in the path", by("heads", true), "infer", "m", "allowed"],
    ["manage by a key in the path that may", by("paths", true), "manage", "m", "allowed"],
    ["a model of a glob", by("limited"), "infer", "Llama3.2:3B", "allowed"],
    ["a model by its full name", by("limited"), "infer", "registry.ollama.ai/library/qwen3:8b", "allowed"],
    ["another tag", by("limited"), "infer", "qwen3:32b", "forbidden"],
    ["another host's model of that name", by("limited"), "infer", "evil.example/library/llama3", "forbidden"],
    ["no model at all", by("limited"), "infer", undefined, "allowed"],
    ["a key with an empty list", by("nothing"), "infer", "m", "forbidden"],
  ])("%s", (_, caller, permission, model, expected) => {
    expect(code(accessOf(...keys), caller, permission, model)).toBe(expected);
  });

  test("what a key may see is what it may use", () => {
    const access = accessOf(...keys);
    expect(access.maySee(by("limited"), "llama3.2:latest")).toBe(true);
    expect(access.maySee(by("limited"), "phi4:latest")).toBe(false);
    expect(access.maySee(admin, "phi4:latest")).toBe(true);
  });
});

describe("a key's life", () => {
  test("it ends at its time, at every door", async () => {
    const access = accessOf(storedKey("k", { expires_at: deps.clock.now() + 1_000 }));
    await deps.clock.advance(999);
    expect([
      code(access, by("k"), "infer", "m"),
      access.findKey("hash of k")?.id,
      access.refuse(by("k")),
    ]).toEqual(["allowed", "k", undefined]);
    await deps.clock.advance(1);
    expect(code(access, by("k"), "infer", "m")).toBe("unauthorized");
    expect(access.findKey("hash of k")).toBeUndefined();
    expect(access.refuse(by("k"))).toMatchObject({ code: "unauthorized" });
  });

  test("a new one is shown once, kept as its hash, and found by it", async () => {
    const access = accessOf();
    const { key, id, prefix } = await access.createKey({
      name: "k",
      permissions: ["infer", "infer"],
      path: false,
    });
    expect(isToken("key", key)).toBe(true);
    expect(key.startsWith(prefix)).toBe(true);
    const stored = deps.store.keys.get(id);
    expect(stored?.hash).toBe(await deps.sha256(key));
    expect(JSON.stringify([stored, access.listKeys()])).not.toContain(key);
    expect(JSON.stringify(access.listKeys())).not.toContain("hash");
    expect(stored?.permissions).toEqual(["infer"]);
    expect(access.findKey(await deps.sha256(key))?.id).toBe(id);
  });

  test("a revoked one is refused at once, and its use is not written any more", () => {
    const access = accessOf(storedKey("k"));
    expect(code(access, by("k"), "infer", "m")).toBe("allowed");
    expect(access.deleteKey("k")).toEqual({ ok: true, value: null });
    expect(code(access, by("k"), "infer", "m")).toBe("unauthorized");
    expect(access.findKey("hash of k")).toBeUndefined();
    access.saveUsed();
    expect(deps.store.keys.has("k")).toBe(false);
    expect(access.deleteKey("k")).toMatchObject({ ok: false, error: { status: 404 } });
  });

  test("a patch changes what it names, at once; null takes a limit away", () => {
    const access = accessOf(storedKey("k", { models: ["a"], expires_at: deps.clock.now() + 1 }));
    expect(access.patchKey("k", { permissions: ["infer"], models: null, expires_at: null })).toMatchObject({
      ok: true,
      value: { name: "k", permissions: ["infer"], models: null, expires_at: null },
    });
    expect(code(access, by("k"), "manage", "m")).toBe("forbidden");
    expect(code(access, by("k"), "infer", "zzz")).toBe("allowed");
    expect(access.patchKey("gone", {})).toMatchObject({ ok: false, error: { status: 404 } });
  });

  test("used, then patched: saving the use does not undo the patch", () => {
    const access = accessOf(storedKey("k"));
    expect(code(access, by("k"), "manage", "m")).toBe("allowed");
    access.patchKey("k", { permissions: ["infer"], models: ["a"] });
    access.saveUsed();
    expect(deps.store.keys.get("k")).toMatchObject({
      permissions: ["infer"],
      models: ["a"],
      last_used_at: deps.clock.now(),
    });
  });

  test("its last use is written when it is asked for, and only that of keys that were let in", () => {
    const access = accessOf(storedKey("k"), storedKey("x", { permissions: ["infer"] }));
    code(access, by("k"), "infer", "m");
    code(access, by("x"), "manage", "m");
    expect(access.hasUnsaved).toBe(true);
    expect(deps.store.journal).toEqual([]);
    access.saveUsed();
    expect(access.hasUnsaved).toBe(false);
    expect([...deps.store.keys.keys()]).toEqual(["k"]);
  });
});

describe("join tokens", () => {
  const make = (access: Access, over: object = {}) =>
    access.createJoinToken({ name: "j", expires_in_s: 60, max_uses: 2, ...over });

  test("are good for their time and their uses, and say what is wrong", async () => {
    const access = accessOf();
    const { token, id } = await make(access);
    expect(isToken("join", token)).toBe(true);
    const hash = await deps.sha256(token);
    for (const uses of [1, 2]) {
      const found = access.usableJoinToken(hash);
      if (!found.ok) throw new Error(found.error.message);
      expect(found.value.uses).toBe(uses - 1);
      access.countUse({ ...found.value, uses });
    }
    expect(access.usableJoinToken(hash)).toMatchObject({
      ok: false,
      error: { status: 401, message: "the join token has been used 2 of 2 times" },
    });
    expect(access.listJoinTokens()).toMatchObject([{ id, uses: 2, max_uses: 2 }]);

    const late = await deps.sha256((await make(access)).token);
    await deps.clock.advance(60_000);
    expect(access.usableJoinToken(late)).toMatchObject({
      error: { message: expect.stringMatching(/expired at 2026-/) },
    });
    expect(access.usableJoinToken("x")).toMatchObject({ error: { message: "the join token is not known" } });
  });

  test("a deleted one is not known", async () => {
    const access = accessOf();
    const { token, id } = await make(access);
    expect(access.deleteJoinToken(id)).toEqual({ ok: true, value: null });
    expect(access.usableJoinToken(await deps.sha256(token)).ok).toBe(false);
    expect(deps.store.joinTokens.size).toBe(0);
    expect(access.deleteJoinToken(id)).toMatchObject({ error: { status: 404 } });
  });
});
