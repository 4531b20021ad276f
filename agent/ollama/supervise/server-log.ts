import { appendFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";

export const LOG = {
  /** Of one file, and how many there are. */
  file_bytes: 10 * 1024 * 1024,
  files: 3,
  /** What is written in the long run, and at once: a runner says ten lines for each batch of tokens. */
  bytes_per_s: 128 * 1024,
  burst_bytes: 1024 * 1024,
  line_chars: 2_000,
  recent_lines: 100,
} as const;

/** What tells of an end; a Go program's stack comes after the line that says why. */
const TELLING = /^Error:|level=(ERROR|FATAL)|^panic:|^fatal error:/;
/** The server says its whole environment when it starts. */
const CREDENTIALS = /(\w+:\/\/)[^\s"'/]+@/g;

export type LogLimits = { [K in keyof typeof LOG]: number };

/** What a managed server says, in files that are bounded in size and in rate; taking it never waits and never fails. */
export class ServerLog {
  readonly path: string;
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #recent: string[] = [];
  #decoder = new TextDecoder();
  #rest = "";
  #pending: string[] = [];
  #pendingBytes = 0;
  #leftOut = 0;
  #budget: number;
  #budgetAt: number;
  #size: number | undefined;
  #writing: Promise<void> | undefined;

  /** @param dir must exist */
  constructor(dir: string, clock: Clock, limits: Partial<LogLimits> = {}) {
    this.#dir = dir;
    this.path = join(dir, "server.log");
    this.#clock = clock;
    this.#limits = { ...LOG, ...limits };
    this.#budget = this.#limits.burst_bytes;
    this.#budgetAt = clock.now();
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.#rest = (lines.pop() ?? "").slice(0, this.#limits.line_chars);
    for (const line of lines) this.#line(line);
  }

  /** What of this run tells most of why it ended; undefined when it said nothing. */
  lastWords(): string | undefined {
    const lines = [...this.#recent, this.#rest].filter((line) => line.trim() !== "");
    const line = lines.findLast((each) => TELLING.test(each)) ?? lines.at(-1);
    return line === undefined ? undefined : redacted(line).slice(0, 300);
  }

  /** A new run begins: what an earlier one said is not its reason. */
  begin(): void {
    this.#recent.length = 0;
    this.#rest = "";
    this.#decoder = new TextDecoder();
  }

  /** Resolves when all that was taken is in the file, or cannot be. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #line(line: string): void {
    const cut = line.slice(0, this.#limits.line_chars);
    this.#recent.push(cut);
    if (this.#recent.length > this.#limits.recent_lines) this.#recent.shift();
    const bytes = Buffer.byteLength(cut) + 1;
    if (!this.#affords(bytes)) {
      this.#leftOut++;
      return;
    }
    if (this.#leftOut > 0) this.#pending.push(`[${this.#leftOut} lines left out]\n`);
    this.#leftOut = 0;
    this.#pending.push(`${redacted(cut)}\n`);
    this.#pendingBytes += bytes;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  #affords(bytes: number): boolean {
    const { bytes_per_s, burst_bytes } = this.#limits;
    const now = this.#clock.now();
    this.#budget = Math.min(burst_bytes, this.#budget + ((now - this.#budgetAt) / 1_000) * bytes_per_s);
    this.#budgetAt = now;
    // A disk that hangs must not fill the memory instead.
    if (this.#budget < bytes || this.#pendingBytes + bytes > 2 * burst_bytes) return false;
    this.#budget -= bytes;
    return true;
  }

  async #drain(): Promise<void> {
    // Lines come in crowds: those of the same moment are written together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const text = this.#pending.join("");
      this.#pending = [];
      this.#pendingBytes = 0;
      try {
        await this.#append(text);
      } catch {
        // A full disk is no reason to stop answering: these lines are lost, and the next ones are tried.
        this.#size = undefined;
      }
    }
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    const size = this.#size ?? (await sizeOf(this.path));
    const fits = size === 0 || size + bytes <= this.#limits.file_bytes;
    if (!fits) await this.#rotate();
    // Prompts may be in it.
    await appendFile(this.path, text, { mode: 0o600 });
    this.#size = (fits ? size : 0) + bytes;
  }

  /** `server.log` becomes `server.1.log`, and so on; the oldest goes. */
  async #rotate(): Promise<void> {
    for (let n = this.#limits.files - 1; n >= 1; n--) {
      const from = n === 1 ? this.path : join(this.#dir, `server.${n - 1}.log`);
      await rename(from, join(this.#dir, `server.${n}.log`)).catch(() => {
        // There is none yet.
      });
    }
  }
}

const redacted = (line: string): string => line.replace(CREDENTIALS, "$1***@");

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
