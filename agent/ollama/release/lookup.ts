import { type Credentials, credentialsOf, get, type RequestDeps, readBody } from "../download/request.ts";
import { type RetryDeps, retrying, TransientError } from "../download/retry.ts";
import { shownUrl } from "../download/shown-url.ts";
import type { InstallSettings } from "../environment.ts";
import { InstallError } from "../install-error.ts";
import { digestOf, parseChecksums } from "./checksums.ts";
import { type MachineFacts, wantedAssets } from "./choose-assets.ts";
import { type ApiAsset, type ApiRelease, type Asset, apiRelease, type Release, VERSION } from "./release.ts";
import type { ReleaseCache } from "./release-cache.ts";

const MAX_ANSWER_BYTES = 8 * 2 ** 20;

export interface LookupDeps extends Omit<RequestDeps, "credentials">, RetryDeps {
  settings: InstallSettings;
  facts: MachineFacts;
  cache: ReleaseCache;
  /** One line for the log and the owner. */
  warn: (message: string) => void;
}

/**
 * Finds a release and what this machine needs of it. Addresses and checksums come from this machine's settings alone.
 * @param version as `0.32.1`; undefined: the newest stable one
 * @throws InstallError
 */
export async function lookUp(version: string | undefined, deps: LookupDeps): Promise<Release> {
  if (version !== undefined && !VERSION.test(version)) {
    throw new InstallError(
      "release_not_found",
      `${JSON.stringify(version.slice(0, 50))} is no version: give one as 0.32.1`,
    );
  }
  const wanted = wantedAssets(deps.facts);
  const release = await fetchRelease(version, deps);
  const found = release.tag_name.replace(/^v/, "");
  const pick = (names: readonly string[]): ApiAsset | undefined =>
    names.flatMap(
      (name) => release.assets.find((asset) => asset.name === name && asset.state === "uploaded") ?? [],
    )[0];
  const base = pick(wanted.base);
  if (base === undefined) {
    throw new InstallError(
      "no_asset",
      `release ${found} of Ollama has no ${wanted.base.join(" or ")}: choose a newer one`,
    );
  }
  const overlay = wanted.overlay === undefined ? undefined : pick(wanted.overlay);
  if (wanted.overlay !== undefined && overlay === undefined) {
    deps.warn(`release ${found} of Ollama has no ${wanted.overlay[0]}: it may not use this machine's GPU`);
  }
  const chosen = overlay === undefined ? [base] : [base, overlay];
  return { version: found, assets: await withChecksums(chosen, release, deps) };
}

/** What belongs to the release server's own address, and so to what it serves itself. */
export function releaseCredentials({ releasesUrl }: InstallSettings): Credentials | undefined {
  return credentialsOf(releasesUrl);
}

async function fetchRelease(version: string | undefined, deps: LookupDeps): Promise<ApiRelease> {
  const url = new URL(deps.settings.releasesUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${version === undefined ? "latest" : `tags/v${version}`}`;
  const release = await retrying(() => fetchOnce(url, version, deps), deps);
  const found = release.tag_name.replace(/^v/, "");
  if (release.draft || release.prerelease) {
    throw new InstallError(
      "release_not_found",
      `${release.tag_name} of Ollama is not a stable release: choose another version`,
    );
  }
  if (!VERSION.test(found) || (version !== undefined && found !== version)) {
    throw new InstallError(
      "release_invalid",
      `${shownUrl(url)} answered with the release ${JSON.stringify(release.tag_name.slice(0, 50))}: check OLLAMA_RELEASES_URL`,
    );
  }
  return release;
}

async function fetchOnce(url: URL, version: string | undefined, deps: LookupDeps): Promise<ApiRelease> {
  const known = await deps.cache.get(shownUrl(url));
  const { status, headers, text } = await fetchText(
    url,
    {
      accept: "application/vnd.github+json",
      ...(known === undefined ? {} : { "if-none-match": known.etag }),
    },
    deps,
  );
  if (status === 304 && known !== undefined) return known.release;
  if (status === 404) {
    throw new InstallError(
      "release_not_found",
      `${shownUrl(url)} knows no ${version === undefined ? "stable release" : `version ${version}`} of Ollama: check the version and OLLAMA_RELEASES_URL`,
    );
  }
  if (status === 403 && headers["x-ratelimit-remaining"] === "0") {
    throw new InstallError(
      "http_status",
      `${url.host} answers no more questions from this address for now: try again in an hour, or set OLLAMA_RELEASES_URL to a mirror`,
    );
  }
  if (status !== 200) {
    throw new InstallError(
      "http_status",
      `${shownUrl(url)} answered HTTP ${status}: check OLLAMA_RELEASES_URL`,
    );
  }
  const parsed = apiRelease.safeParse(json(text));
  if (!parsed.success) {
    throw new InstallError(
      "release_invalid",
      `${shownUrl(url)} did not answer with a release: check OLLAMA_RELEASES_URL`,
    );
  }
  const { etag } = headers;
  if (etag !== undefined) await deps.cache.put({ url: shownUrl(url), etag, release: parsed.data });
  return parsed.data;
}

async function withChecksums(
  chosen: readonly ApiAsset[],
  release: ApiRelease,
  deps: LookupDeps,
): Promise<Asset[]> {
  const { settings, warn } = deps;
  const own = (index: number): string | undefined => (index === 0 ? settings.checksum : undefined);
  let sums: Map<string, string> = new Map();
  if (settings.skipVerification) {
    warn("OLLAMA_SKIP_CHECKSUM_VERIFICATION is set: what is downloaded is not verified");
  } else if (chosen.some(({ digest }, index) => (own(index) ?? digestOf(digest)) === undefined)) {
    sums = await fetchChecksums(release, deps);
  }
  return chosen.map((asset, index) => {
    const sha256 = settings.skipVerification
      ? undefined
      : (own(index) ?? digestOf(asset.digest) ?? sums.get(asset.name));
    if (sha256 === undefined && !settings.skipVerification) {
      warn(
        `release ${release.tag_name} of Ollama has no checksum for ${asset.name}: it is not verified; OLLAMA_CHECKSUM can name one`,
      );
    }
    return { name: asset.name, url: assetUrl(asset.browser_download_url, deps), size: asset.size, sha256 };
  });
}

async function fetchChecksums(release: ApiRelease, deps: LookupDeps): Promise<Map<string, string>> {
  const file = release.assets.find((asset) => asset.name === "sha256sum.txt");
  if (file === undefined) return new Map();
  const url = assetUrl(file.browser_download_url, deps);
  const { status, text } = await retrying(() => fetchText(url, {}, deps), deps);
  // A mirror that does not have it is as one whose release never had it; the caller warns.
  return status === 200 ? parseChecksums(text) : new Map();
}

/** @throws InstallError where a secure release server names an address that is not */
function assetUrl(address: string, { settings }: LookupDeps): URL {
  const url = new URL(address);
  if (settings.releasesUrl.protocol === "https:" && url.protocol !== "https:") {
    throw new InstallError(
      "redirect_refused",
      `the release is to be fetched from ${shownUrl(url)}, which is not encrypted`,
    );
  }
  url.username = "";
  url.password = "";
  return url;
}

async function fetchText(url: URL, headers: Record<string, string>, deps: LookupDeps) {
  const answer = await get(url, headers, { ...deps, credentials: releaseCredentials(deps.settings) });
  const chunks: Buffer[] = [];
  let bytes = 0;
  await readBody(answer, { ...deps, credentials: undefined }, (chunk) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new InstallError(
        "release_invalid",
        `${shownUrl(url)} answered with more than ${MAX_ANSWER_BYTES} bytes`,
      );
    }
    chunks.push(chunk);
  });
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) {
    throw new TransientError(`${answer.url.host} answered HTTP ${answer.status}`);
  }
  return {
    status: answer.status,
    headers: answer.response.headers,
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
