/** How many at the head of a list, newest first, came after the one with this id; all, where it is not in it any more. */
export function countNewer(rows: readonly { id: string }[], id: string | undefined): number {
  const at = rows.findIndex((row) => row.id === id);
  return at === -1 ? rows.length : at;
}
