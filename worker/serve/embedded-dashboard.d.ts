/** The web app's files in a single executable: paths below `/dashboard/`, and what brotli made of each, as base64. */
declare module "embedded:dashboard" {
  const files: readonly (readonly [path: string, brotli: string])[];
  export default files;
}
