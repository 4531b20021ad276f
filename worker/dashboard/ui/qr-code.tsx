import { encode } from "uqr";
import { common } from "../text/common/index.ts";

/** A code for a phone's camera; always dark on light, which is what cameras expect. */
export function QrCode({ value, size = 180 }: { value: string; size?: number }) {
  const { data, size: modules } = encode(value, { ecc: "M", border: 2 });
  let path = "";
  for (const [y, line] of data.entries()) {
    for (const [x, dark] of line.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
  }
  return (
    <svg
      class="qr"
      role="img"
      aria-label={common.value.qr}
      width={size}
      height={size}
      viewBox={`0 0 ${modules} ${modules}`}
      shape-rendering="crispEdges"
    >
      <rect width={modules} height={modules} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
