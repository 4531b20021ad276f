import { useEffect, useRef } from "preact/hooks";

/** Nearer to the end than this, pixels, somebody reads along. */
const NEAR = 120;

/** The page follows what is being written as long as one is at its end; who scrolls up is left alone. */
export function useStayAtEnd(changes: unknown, sent: number): void {
  const isAtEnd = useRef(true);
  useEffect(() => {
    let last = scrollY;
    const look = (): void => {
      const { scrollHeight } = document.documentElement;
      // The end runs away while it is written: only who goes up has left it.
      if (scrollY + innerHeight >= scrollHeight - NEAR) isAtEnd.current = true;
      else if (scrollY < last) isAtEnd.current = false;
      last = scrollY;
    };
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  useEffect(() => {
    if (sent > 0) isAtEnd.current = true;
  }, [sent]);
  useEffect(() => {
    if (sent > 0 && isAtEnd.current) scrollTo(0, document.documentElement.scrollHeight);
  }, [changes]);
}
