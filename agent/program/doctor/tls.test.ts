import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXPIRED, SELF_SIGNED } from "../../../test/support/self-signed.ts";
import { Clinic } from "../../testing/doctor-clinic.ts";

const trusted = getCACertificates("default");

let clinic: Clinic;
beforeEach(() => setDefaultCACertificates([...trusted, SELF_SIGNED.cert, EXPIRED.cert]));
afterEach(async () => {
  setDefaultCACertificates(trusted);
  await clinic.close();
});

test("with an authority that is trusted the whole way is well, and it is said until when", async () => {
  clinic = await Clinic.open(SELF_SIGNED);
  const findings = await clinic.examine();
  expect(Object.values(findings).filter(({ verdict }) => verdict === "broken")).toEqual([]);
  expect(findings.tls.found).toBe("TLSv1.3, certificate by localhost, valid until 2126-10-30");
  expect(findings.token.verdict).toBe("ok");
});

test("a certificate that soon ends is warned of", async () => {
  clinic = await Clinic.open(SELF_SIGNED);
  const { tls } = await clinic.examine({}, { wallClock: () => Date.parse("2126-10-28") });
  expect(tls).toMatchObject({ verdict: "warning", advice: expect.stringContaining("renew") });
});

test("a certificate for another name is told with the names that it has", async () => {
  clinic = await Clinic.open(SELF_SIGNED);
  const { tls } = await clinic.examine({
    coordinatorUrl: { value: clinic.url.replace("localhost", "[::ffff:127.0.0.1]"), from: "a test" },
  });
  expect(tls.advice).toContain("DNS:localhost, IP Address:127.0.0.1, not for ");
});

test("a certificate out of date is told with this machine's date, and the clock is looked at all the same", async () => {
  clinic = await Clinic.open(EXPIRED);
  const right = await clinic.examine();
  expect(right.tls).toMatchObject({
    verdict: "broken",
    found: expect.stringContaining("CERT_HAS_EXPIRED"),
    advice: expect.stringContaining("it ended on 2020-01-02 and this machine believes that it is "),
  });
  expect(right.clock.verdict).toBe("ok");
  const wrong = await clinic.examine({}, { wallClock: () => Date.now() + 3_600_000 });
  expect(wrong.clock).toMatchObject({
    verdict: "broken",
    advice: expect.stringContaining("certificates look expired"),
  });
  // Only what anybody may ask for.
  expect(new Set(clinic.asked)).toEqual(new Set(["GET /healthz"]));
});
