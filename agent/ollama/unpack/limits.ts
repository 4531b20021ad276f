/**
 * What an archive may become. The largest release so far (Linux with CUDA 12 and 13) has 2 GB, unpacks to about 5 GB and has
 * some thousand entries (ROCm's kernels); its libraries shrink to a third at best.
 */
export const UNPACK_LIMITS = {
  /** Unpacked bytes for each byte of the archive. */
  ratio: 20,
  /** Small archives may unpack to this whatever their ratio. */
  small_bytes: 64 * 2 ** 20,
  /** However large the archive. */
  total_bytes: 32 * 2 ** 30,
  entries: 50_000,
  name_chars: 1_024,
  name_depth: 32,
  /** Of each directory and file in a name. */
  part_chars: 240,
} as const;

/** Unpacked bytes that an archive of `archiveBytes` may have. */
export function unpackedLimit(archiveBytes: number): number {
  return Math.min(
    UNPACK_LIMITS.total_bytes,
    Math.max(UNPACK_LIMITS.small_bytes, archiveBytes * UNPACK_LIMITS.ratio),
  );
}
