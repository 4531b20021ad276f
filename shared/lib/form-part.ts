const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/;
const DISPOSITION =
  /^content-disposition:[ \t]*form-data((?:[ \t]*;[ \t]*[^=;"]+=(?:"[^"]*"|[^;"]*))*)[ \t]*$/i;
const PARAMETER = /;[ \t]*([^=;"]+)=(?:"([^"]*)"|([^;"]*))/g;
const ENCODING = /^content-transfer-encoding:[ \t]*(?!(?:binary|7bit|8bit)[ \t]*$)/i;

/**
 * What a part's head says (its lines without the last line break); or what is odd about it. Only the plain form that clients
 * write is taken: whatever Go reads in another way could hide one field behind another.
 */
export function partOf(head: string): { name: string; file: boolean } | string {
  const lines = head.split("\r\n");
  if (!lines.every((line) => HEADER.test(line) && !/[\r\n]/.test(line)))
    return "a part's header is malformed";
  if (lines.some((line) => ENCODING.test(line))) return "a part is encoded";
  const [disposition, ...others] = lines.filter((line) => /^content-disposition:/i.test(line));
  const parameters = DISPOSITION.exec(disposition ?? "")?.[1];
  if (parameters === undefined || others.length > 0) return "a part's content-disposition is malformed";
  let name: string | undefined;
  let file = false;
  for (const [, key = "", quoted, bare = ""] of parameters.matchAll(PARAMETER)) {
    switch (key.trim().toLowerCase()) {
      case "name":
        if (name !== undefined) return "a part has two names";
        name = quoted ?? bare.trim();
        break;
      case "filename":
      case "filename*":
        file = true;
        break;
      default:
        return "a part's content-disposition has an unknown parameter";
    }
  }
  return name === undefined || name.includes("\\") ? "a part has no plain name" : { name, file };
}
