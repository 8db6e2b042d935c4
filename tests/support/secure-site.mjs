// A site of https: without a server and a certificate.

/** Goes to https://secure.test/, an empty page beside these scripts. In Chromium. */
export async function gotoSecure(tab, scripts) {
  await tab.page.setRequestInterception(true);
  tab.page.on("request", (request) => {
    const body = scripts[new URL(request.url()).pathname];
    const contentType = body === undefined ? "text/html" : "text/javascript";
    request.respond({ contentType, body: body ?? "<!doctype html>" });
  });
  await tab.goto("https://secure.test/");
}
