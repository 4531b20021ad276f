import { InstallError } from "../install-error.ts";
import { UNPACK_LIMITS, unpackedLimit } from "./limits.ts";

/** What is left of an archive's limits while it is unpacked. */
export class Budget {
  readonly #limit: number;
  readonly #archiveBytes: number;
  #declared = 0;
  #read = 0;
  #entries = 0;

  constructor(archiveBytes: number) {
    this.#archiveBytes = archiveBytes;
    this.#limit = unpackedLimit(archiveBytes);
  }

  /** An entry and the bytes that it says it has. @throws InstallError */
  entry(bytes: number): void {
    this.#entries += 1;
    if (this.#entries > UNPACK_LIMITS.entries) {
      throw new InstallError("archive_refused", `the archive has more than ${UNPACK_LIMITS.entries} entries`);
    }
    this.#declared += bytes;
    this.#check(this.#declared);
  }

  /** Bytes that came out of the archive, of whatever they are. @throws InstallError */
  read(bytes: number): void {
    this.#read += bytes;
    this.#check(this.#read);
  }

  #check(bytes: number): void {
    if (bytes <= this.#limit) return;
    throw new InstallError(
      "archive_refused",
      `the archive of ${this.#archiveBytes} bytes unpacks to more than ${this.#limit} bytes`,
    );
  }
}
