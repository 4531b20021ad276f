import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_startWorker } from "wrangler";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The Worker as `wrangler dev` runs it from the real wrangler.toml, with other files than the web app's beside it. */
export interface PlantedWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param files by their path among the static assets */
export async function startPlantedWorker(files: Record<string, string>): Promise<PlantedWorker> {
  // Without a network it would wait for a place of the world to pretend to be in.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_SEND_METRICS = "false";
  const dir = mkdtempSync(join(tmpdir(), "planted-"));
  const assets = join(dir, "assets");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(assets, path)), { recursive: true });
    writeFileSync(join(assets, path), content);
  }
  const config = join(dir, "wrangler.toml");
  writeFileSync(config, elsewhere(readFileSync(join(ROOT, "wrangler.toml"), "utf8"), assets));
  const worker = await unstable_startWorker({
    config,
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      logLevel: "none",
      persist: join(dir, "state"),
      watch: false,
    },
  });
  await worker.ready;
  return {
    url: (await worker.url).origin,
    stop: async () => {
      await worker.dispose();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The same configuration for a folder elsewhere, with these assets. @throws when it no longer has what is to be replaced */
function elsewhere(toml: string, assets: string): string {
  const replaced = (text: string, what: RegExp, by: string): string => {
    if (!what.test(text)) throw new Error(`wrangler.toml has no ${what}`);
    return text.replace(what, by);
  };
  const main = replaced(toml, /^main = .*$/m, `main = ${JSON.stringify(join(ROOT, "worker/index.ts"))}`);
  const unbuilt = replaced(main, /^\[build\]\n(?:.+\n)+/m, "");
  return replaced(unbuilt, /^directory = .*$/m, `directory = ${JSON.stringify(assets)}`);
}
