import { z } from "zod";

/** A version as a tag has it, without its `v`. */
export const VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9A-Za-z.-]{1,32})?$/;

/** The part of GitHub's release API that counts here; a mirror answers alike. */
export const apiRelease = z.object({
  tag_name: z.string(),
  draft: z.boolean().default(false),
  prerelease: z.boolean().default(false),
  assets: z
    .array(
      z.object({
        name: z.string(),
        size: z.number().int().nonnegative(),
        /** `starter` while GitHub does not have all of it. */
        state: z.string().default("uploaded"),
        browser_download_url: z.url({ protocol: /^https?$/ }),
        /** null, or left out by GitHub for assets from before June 2025. */
        digest: z.string().nullish(),
      }),
    )
    .max(1_000),
});
export type ApiRelease = z.infer<typeof apiRelease>;
export type ApiAsset = ApiRelease["assets"][number];

/** An archive to be fetched. */
export interface Asset {
  name: string;
  url: URL;
  size: number;
  /** 64 lower-case hex digits; undefined: not to be verified, of which the owner was warned. */
  sha256: string | undefined;
}

/** A release and what this machine needs of it: the main archive first, then what is laid over it. */
export interface Release {
  version: string;
  assets: readonly Asset[];
}

/** For the question whether it may be installed. */
export function describe(release: Release): { version: string; download_bytes: number } {
  return {
    version: release.version,
    download_bytes: release.assets.reduce((sum, asset) => sum + asset.size, 0),
  };
}
