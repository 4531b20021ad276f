const TYPE = /^multipart\/form-data[ \t]*(;.*)?$/i;
/** A parameter in the plain form, its value a token or a string in quotes; or nothing, behind a last semicolon. */
const PARAMETER = /;[ \t]*(?:([\w-]+)=(?:"([^"\\]*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)))?[ \t]*/y;
const MOST_CHARS = 70;

/**
 * The boundary of a form, by its content type; undefined when it is none, or one that not all read alike. Go puts a boundary in
 * pieces together and takes none from `x-boundary`: with another one than Ollama's, a model could be hidden from whoever looks.
 */
export function formBoundary(contentType: string): string | undefined {
  const parameters = TYPE.exec(contentType.trim())?.[1] ?? "";
  let boundary: string | undefined;
  for (PARAMETER.lastIndex = 0; PARAMETER.lastIndex < parameters.length; ) {
    const [whole, name, quoted, bare] = PARAMETER.exec(parameters) ?? [];
    if (whole === undefined) return undefined;
    switch (name?.toLowerCase()) {
      case "boundary":
        if (boundary !== undefined) return undefined;
        boundary = quoted ?? bare;
        break;
      case "charset":
      case undefined:
        break;
      default:
        return undefined;
    }
  }
  return boundary === "" || (boundary?.length ?? 0) > MOST_CHARS ? undefined : boundary;
}
