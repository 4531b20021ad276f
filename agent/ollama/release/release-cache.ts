import { z } from "zod";
import { readJson, replaceFile } from "../replace-file.ts";
import { apiRelease } from "./release.ts";

const KEPT = 8;
const entry = z.object({ url: z.string(), etag: z.string(), release: apiRelease });
const entries = z.array(entry);
type Entry = z.infer<typeof entry>;

/** Answers of the release server with their ETags: asking again costs nothing of its 60 answers an hour when nothing changed. */
export class ReleaseCache {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async get(url: string): Promise<Entry | undefined> {
    return (await this.#read()).find((known) => known.url === url);
  }

  async put(fresh: Entry): Promise<void> {
    const others = (await this.#read()).filter((known) => known.url !== fresh.url);
    // Without it the next look-up only costs more.
    await replaceFile(this.#path, JSON.stringify([fresh, ...others].slice(0, KEPT))).catch(() => {});
  }

  async #read(): Promise<Entry[]> {
    const parsed = entries.safeParse(await readJson(this.#path));
    return parsed.success ? parsed.data : [];
  }
}
