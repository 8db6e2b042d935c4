// A site with an https: URL, without a server or a certificate.

/** Opens https://secure.test/, an empty page that can import these scripts. In Chromium. */
export async function gotoSecure(tab, scripts) {
  const session = await tab.page.createCDPSession();
  session.on("Fetch.requestPaused", ({ requestId, request }) => {
    const script = scripts[new URL(request.url).pathname];
    const value = script === undefined ? "text/html" : "text/javascript";
    session.send("Fetch.fulfillRequest", {
      requestId,
      responseCode: 200,
      responseHeaders: [{ name: "Content-Type", value }],
      body: Buffer.from(script ?? "<!doctype html>").toString("base64"),
    });
  });
  await session.send("Fetch.enable");
  await tab.goto("https://secure.test/");
}
