export type Wish = { kind: "palette" } | { kind: "help" } | { kind: "go"; segment: string };

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  timeStamp: number;
}

/** After `g` a second key is waited for this long, ms. */
const CHORD_MS = 1_500;

/** Makes wishes of keys: Ctrl-K, `?`, and `g` followed by a page's letter. */
export function chordReader(
  areas: readonly { key: string; segment: string }[],
): (event: Pressed, typing: boolean) => Wish | undefined {
  let began: number | undefined;
  return (event, typing) => {
    const { key, ctrlKey, metaKey, altKey, timeStamp } = event;
    if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return { kind: "palette" };
    if (typing || ctrlKey || metaKey || altKey) return undefined;
    if (began !== undefined && timeStamp - began < CHORD_MS) {
      began = undefined;
      const area = areas.find((one) => one.key === key.toLowerCase());
      if (area !== undefined) return { kind: "go", segment: area.segment };
    }
    began = key === "g" ? timeStamp : undefined;
    return key === "?" ? { kind: "help" } : undefined;
  };
}
