import { rm, stat } from "node:fs/promises";
import { fileError, InstallError } from "../install-error.ts";
import { PartFile, sha256Of } from "./part-file.ts";
import { type Answer, get, type RequestDeps, readBody } from "./request.ts";
import { type RetryDeps, retrying, TransientError } from "./retry.ts";
import { shownUrl } from "./shown-url.ts";

export interface Download {
  url: URL;
  /** Where it goes once it is whole and verified; on the way it is `<file>.part`. */
  file: string;
  /** 64 lower-case hex digits; undefined: not verified. */
  sha256: string | undefined;
  /** Bytes, as the release says. */
  size: number;
}

export interface DownloadDeps extends RequestDeps, RetryDeps {
  /** Bytes that are there; less than before when it has to begin again. `resumed`: they were there already. */
  onBytes: (bytes: number, resumed: boolean) => void;
  onVerify: () => void;
}

/**
 * Fetches a file, going on where an earlier attempt ended. What is there when it fails stays for the next one, but a file
 * whose checksum is wrong is deleted.
 * @throws InstallError
 */
export async function download(what: Download, deps: DownloadDeps): Promise<void> {
  if (await isThere(what)) return deps.onBytes(what.size, true);
  const part = await PartFile.open(what.file, {
    url: shownUrl(what.url),
    size: what.size,
    sha256: what.sha256,
  });
  try {
    if (part.offset > 0) deps.onBytes(part.offset, true);
    await retrying(() => fetchRest(part, what, deps), deps);
    deps.onVerify();
    const actual = part.digest();
    if (what.sha256 !== undefined && actual !== what.sha256) {
      await part.discard();
      throw new InstallError(
        "checksum_mismatch",
        `${shownUrl(what.url)} has the SHA-256 ${actual} instead of ${what.sha256}: it was changed or damaged on its way, and was deleted`,
      );
    }
    await part.keep();
  } finally {
    await part.close();
  }
}

/** Whether an earlier attempt got as far as the whole file. */
async function isThere({ file, sha256, size }: Download): Promise<boolean> {
  try {
    const there = await stat(file).catch(() => undefined);
    if (there === undefined) return false;
    if (there.size === size && sha256 !== undefined && (await sha256Of(file)) === sha256) return true;
    await rm(file);
    return false;
  } catch (error) {
    throw fileError(error, file);
  }
}

async function fetchRest(part: PartFile, what: Download, deps: DownloadDeps): Promise<void> {
  if (part.offset === what.size && part.resumable) return;
  if (part.offset > 0 && !part.resumable) await part.restart(undefined);
  let answer = await ask(part, what, deps);
  if (answer.status === 416 || (answer.status === 206 && !continues(answer, part, what))) {
    answer.response.destroy();
    await part.restart(undefined);
    deps.onBytes(0, true);
    answer = await ask(part, what, deps);
  }
  try {
    judge(answer, part, what);
    if (answer.status === 200) {
      await part.restart(validatorOf(answer));
      deps.onBytes(0, true);
    }
  } catch (error) {
    answer.response.destroy();
    throw error;
  }
  await readBody(answer, deps, async (chunk) => {
    if (part.offset + chunk.length > what.size) {
      throw wrongSize(what, `sends more than the ${what.size} bytes that the release says`);
    }
    await part.append(chunk);
    deps.onBytes(part.offset, false);
  });
  if (part.offset < what.size) {
    throw new TransientError(
      `${answer.url.host} ended after ${part.offset} of ${what.size} bytes of ${shownUrl(what.url)}`,
    );
  }
}

function ask(part: PartFile, what: Download, deps: DownloadDeps): Promise<Answer> {
  if (part.offset === 0) return get(what.url, {}, deps);
  const validator = part.validator;
  return get(
    what.url,
    { range: `bytes=${part.offset}-`, ...(validator === undefined ? {} : { "if-range": validator }) },
    deps,
  );
}

/** Whether a partial answer is the rest of what is there, and of the same content. */
function continues({ response }: Answer, part: PartFile, { size }: Download): boolean {
  if (part.offset === 0) return false;
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  if (range === null || Number(range[1]) !== part.offset || Number(range[2]) !== size - 1) return false;
  if (range[3] !== "*" && Number(range[3]) !== size) return false;
  const { etag } = response.headers;
  return etag === undefined || !part.validator?.startsWith('"') || etag === part.validator;
}

/** @throws unless the body of this answer is what was asked for */
function judge({ url, status, response }: Answer, part: PartFile, what: Download): void {
  if (status >= 500 || status === 408 || status === 429) {
    throw new TransientError(`${url.host} answered HTTP ${status}`);
  }
  if (status !== 200 && !(status === 206 && part.offset > 0)) {
    throw new InstallError(
      "http_status",
      `${shownUrl(url)} answered HTTP ${status}: check the version and OLLAMA_RELEASES_URL`,
    );
  }
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw wrongSize(what, `is sent as ${encoding}, which was not asked for`);
  const length = response.headers["content-length"];
  const expected = what.size - (status === 206 ? part.offset : 0);
  if (length !== undefined && Number(length) !== expected) {
    throw wrongSize(what, `is offered with ${length} bytes where ${expected} were expected`);
  }
}

function wrongSize(what: Download, why: string): InstallError {
  return new InstallError("wrong_size", `${shownUrl(what.url)} ${why}: what is there is not this release`);
}

/** A weak ETag does not promise the same bytes. */
function validatorOf({ response }: Answer): string | undefined {
  const { etag } = response.headers;
  return etag?.startsWith('"') ? etag : response.headers["last-modified"];
}
